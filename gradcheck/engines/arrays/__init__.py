"""Engines of arrays: how one is found, driven, and evaluated."""
