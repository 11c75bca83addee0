"""Reporters, which show the events of a run: on a terminal, or as JSON lines."""
