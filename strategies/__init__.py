"""Hypothesis strategies for random expressions, points and cases."""

from .composite import cases, expressions, points

__all__ = ["cases", "expressions", "points"]
