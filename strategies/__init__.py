"""Hypothesis strategies for random expressions, points and cases."""

from .cases import cases
from .expressions import expressions
from .points import points

__all__ = ["cases", "expressions", "points"]
