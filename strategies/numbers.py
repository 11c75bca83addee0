"""Strings of bytes that stand for the numbers at which an expression is judged."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradcheck.operations import DEFAULT_OPERATIONS, Operation

_ROUND = (0.0, 1.0, 2.0, -1.0, 0.5, 3.0, -2.0, -0.5, 0.25, 1.5)

_LARGE = (400.0,) * 6
"""Where exp(2x) overflows, which many write tanh with."""

_LARGE_FOR_OTHERS = (400.0, 400.0, 800.0, 800.0, -800.0, -800.0)
"""Where exp(x) and exp(-x) do, as in a logistic function."""

_RARE = (5.0, -9.0, 18.0, 1e-3, -1e-4, -1e-8, 1e-30, 1e-160, 2.0**-1022, -5e-324)
"""The saturated tail of tanh, and numbers that are very small or subnormal."""

_ROUND_WEIGHT = 15
"""How often each is listed beside each rare one, which often decides nothing."""

_BYTES = 3
"""So many make a number, so that there are millions of ordinary ones."""

_HALF = 256**_BYTES // 2

_TENTHS = 30
"""The ordinary numbers begin with tenths, as the others are hard to read."""

_GOLDEN_RATIO = 0x9E3779B97F4A7C15
"""Its fraction in units of 2**-64, made odd."""


class Numbers:
    """What strings of bytes stand for, with the options of ``points``."""

    def __init__(self, operations: Sequence[Operation], *, magnitude: float = 3.0) -> None:
        if not 0.0 < magnitude < math.inf:
            message = f"the magnitude of numbers is positive and finite, not {magnitude}"
            raise ValueError(message)
        small = [number for number in _ROUND if abs(number) <= magnitude]
        large = _LARGE if set(operations) <= set(DEFAULT_OPERATIONS) else _LARGE_FOR_OTHERS
        self._listed = (*(n for n in small for _ in range(_ROUND_WEIGHT)), *large, *_RARE)
        self._magnitude = magnitude

    def length(self, count: int) -> int:
        """How many bytes stand for so many numbers."""
        return _BYTES * count

    def numbers(self, drawn: bytes) -> tuple[float, ...]:
        """What the bytes stand for: of all numbers the first half is listed."""
        indices = [
            int.from_bytes(drawn[start : start + _BYTES]) for start in range(0, len(drawn), _BYTES)
        ]
        return tuple(
            self._listed[index * len(self._listed) // _HALF]
            if index < _HALF
            else self._ordinary(index - _HALF)
            for index in indices
        )

    def _ordinary(self, index: int) -> float:
        if index < _TENTHS and (index + 1) / 10 <= self._magnitude:
            return (index + 1) / 10
        # A multiple of the golden ratio lies far from the one before, and has all its digits. The
        # square makes small numbers likelier.
        share = (index * _GOLDEN_RATIO % 2**64) / 2**64
        return math.copysign(share * share * self._magnitude, -1.0 if index % 2 else 1.0)
