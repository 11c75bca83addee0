"""Diagrams: a verdict drawn as a graph, with the engine's numbers and the true ones."""
