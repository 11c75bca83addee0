"""Graphs and inputs that are used for more than one backward pass."""
