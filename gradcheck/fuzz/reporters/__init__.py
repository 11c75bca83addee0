"""Reporters, which show the events of a run: to people, and to programs in several formats."""
