"""Checks of engines of arrays: random cases, verdict, blame and smallest case."""
