"""Checks of engines of arrays: verdict, blame and smallest case."""
