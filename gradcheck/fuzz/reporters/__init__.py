"""What shows the events of a run: a terminal, or JSON lines."""
