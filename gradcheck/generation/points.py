"""The grammar of random points: the numbers at which an expression is judged."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradcheck.generation.choices import Choices
from gradcheck.operations import DEFAULT_OPERATIONS, Operation

_ROUND = (0.0, 1.0, 2.0, -1.0, 0.5, 3.0, -2.0, -0.5, 0.25, 1.5)

_ROUND_WEIGHT = 11
"""Weight of a round number; a rare number, with which cases are often undecided, has weight 1."""

_LARGE = (400.0,) * 4
"""Numbers at which exp(2x) overflows; many implementations of tanh use it."""

_LARGE_FOR_OTHERS = (400.0, 400.0, 800.0, -800.0)
"""Numbers at which exp(x) or exp(-x) overflows too, as in a logistic function."""

_RARE = (5.0, -9.0, 18.0, 1e-3, -1e-4, -1e-8, 1e-30, 1e-160, 2.0**-1022, -5e-324)
"""Numbers in the saturated tail of tanh, and very small or subnormal ones."""

_ORDINARY_NUMBERS = 2**23
"""The count of ordinary numbers."""

_TENTHS = 30
"""The count of tenths, which come first because they are easy to read."""

_GOLDEN_RATIO = 0x9E3779B97F4A7C15
"""The fraction of the golden ratio in units of 2**-64, made odd."""


class PointGrammar:
    """Random points; the options are those of ``points``."""

    def __init__(self, operations: Sequence[Operation], *, magnitude: float = 3.0) -> None:
        require_magnitude(magnitude)
        small = [number for number in _ROUND if abs(number) <= magnitude]
        large = _LARGE if set(operations) <= set(DEFAULT_OPERATIONS) else _LARGE_FOR_OTHERS
        listed = [*(number for number in small for _ in range(_ROUND_WEIGHT)), *large, *_RARE]
        # None means an ordinary number, and is as likely as all listed numbers together.
        self._listed = (*listed, *[None] * len(listed))
        self._magnitude = magnitude

    def draw(self, choices: Choices, count: int) -> tuple[float, ...]:
        """Return ``count`` random numbers."""
        return tuple([self._number(choices) for _ in range(count)])

    def _number(self, choices: Choices) -> float:
        number = choices.one_of(self._listed)
        return self._ordinary(choices.below(_ORDINARY_NUMBERS)) if number is None else number

    def _ordinary(self, index: int) -> float:
        if index < _TENTHS and (index + 1) / 10 <= self._magnitude:
            return (index + 1) / 10
        # Multiples of the golden ratio, modulo 1, are spread evenly and have many digits. Squares
        # of them are more often small.
        share = (index * _GOLDEN_RATIO % 2**64) / 2**64
        return math.copysign(share * share * self._magnitude, -1.0 if index % 2 else 1.0)


def require_magnitude(magnitude: float) -> None:
    """Raise ``ValueError`` unless a magnitude is a positive finite number."""
    if not 0.0 < magnitude < math.inf:
        message = f"the magnitude of numbers is a positive finite number, not {magnitude}"
        raise ValueError(message)
