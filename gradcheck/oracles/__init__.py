"""Prove what is true of a case without the engine: symbolic derivatives, bounds, slopes."""
