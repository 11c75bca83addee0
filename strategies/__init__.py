"""Hypothesis strategies for random expressions, points and cases."""

from .composite import array_cases, cases, expressions, points
from .explaining import explain_by_users_code

__all__ = ["array_cases", "cases", "expressions", "points"]

explain_by_users_code()
