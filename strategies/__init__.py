"""Hypothesis strategies for random expressions, points and cases."""

from strategies.cases import cases
from strategies.expressions import expressions
from strategies.points import points

__all__ = ["cases", "expressions", "points"]
