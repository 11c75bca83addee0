"""``repro.py``: a short program that shows a bug with the engine alone."""
