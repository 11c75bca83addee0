"""Sources of random choices for the grammar."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Choices(Protocol):
    """A source of choices. The first option is the simplest, and a source may prefer it."""

    def below(self, n: int) -> int:
        """Return an integer from 0 to ``n - 1``."""

    def one_of(self, options: Sequence[T]) -> T:
        """Return one of several options."""


class RandomChoices:
    """Choices from a ``random.Random``; all options are equally likely."""

    def __init__(self, source: random.Random) -> None:
        self._random = source.random

    def below(self, n: int) -> int:
        return int(self._random() * n)

    def one_of(self, options: Sequence[T]) -> T:
        return options[int(self._random() * len(options))]
