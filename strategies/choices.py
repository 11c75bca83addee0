"""Choices that Hypothesis makes, and shrinks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

_WIDTH = 2**24
"""More than the options of any choice."""


class HypothesisChoices:
    """Choices for the grammar, each drawn by Hypothesis.

    Hypothesis makes most examples out of earlier ones, by copying one part over another that was
    drawn from the same range. Such examples hardly differ. So no two choices have the same range,
    and every example is drawn anew.
    """

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._begin = 0

    def below(self, n: int) -> int:
        self._begin += _WIDTH
        return self._draw(_sampled(self._begin, n)) - self._begin

    def one_of(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]


@cache
def _sampled(begin: int, n: int) -> st.SearchStrategy[int]:
    """One of ``n`` integers, each as likely as any other."""
    return st.sampled_from(range(begin, begin + n))
