"""Which operation is at fault, and for what reason."""
