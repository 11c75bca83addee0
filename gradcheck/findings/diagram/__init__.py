"""A verdict drawn as a graph: what was computed, what came back, and what should have."""
