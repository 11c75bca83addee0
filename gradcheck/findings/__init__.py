"""Findings: bugs of an engine on their smallest cases, saved to folders and read back."""
