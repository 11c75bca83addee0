"""``repro.py``: a finding as a short program against the engine alone."""
