"""Choices that are drawn, and shrunk, by Hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

_WIDTH = 2**24
"""More than the number of options of any choice."""


class HypothesisChoices:
    """Choices for the grammar, each drawn by Hypothesis.

    Hypothesis makes most examples from earlier ones: it copies one part over another part that was
    drawn from the same range. Such examples hardly differ. So each choice here has a range of its
    own, and every example is new.
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
    """Return a strategy for ``n`` integers that are all equally likely."""
    return st.sampled_from(range(begin, begin + n))
