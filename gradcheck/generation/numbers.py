"""The numbers of points, constants and exponents, from round ones to those at the edges."""

from __future__ import annotations

import math

from gradcheck.expression import Constant
from gradcheck.precision import Precision

_CONSTANTS = (
    *(2, 1, -1, 0.5, 3, -2, 0.1, -0.7, 1.5, 0, 10, 1e-3, -1e-8, 1_000_000),
    *(2.0, 1.0, -1.0, 3.0, -2.0, 0.0, 7, 0.25, -0.5, 1 / 3),
)

_WEIGHT = 3
"""Weight of a constant of ordinary size; one of another size has weight 1."""

_EXTREME_CONSTANTS = (1e100, 1e-200, -1e300, 1e-30, 1e20, -1e-160, 1e250, 5e-324)

_EXPONENTS = (
    *(2, 3, -1, 0.5, 0, 1, -2, 1.5, 4, -0.5),
    *(2.0, 3.0, -1.0, 0.0, 1.0, -2.0, 4.0, 5, 2.5, -3, 7, 7.0, 1 / 3, 10, -1.5, 6),
    *(13, 13.0, 10.0, -3.0, -4, 0.1, -7, 3.7, 20, -0.7, 33, 12.5, -10, 64, 1e-3, -13.0),
)
"""Up to 64 in size: an implementation may compute a whole power by products."""

_GOLDEN_RATIO = 0x9E3779B97F4A7C15
"""The fraction of the golden ratio in units of 2**-64, made odd."""

_TENTHS = 30
"""The count of tenths, which come first because they are easy to read."""


def constants(magnitude: float, precision: Precision) -> tuple[Constant, ...]:
    """Return constants to choose from, the simplest first, each as often as its weight.

    They are up to ``magnitude`` in size, but for a few. Whole numbers occur as ``int`` and as
    float.
    """
    ordinary = [number for number in _CONSTANTS if abs(number) <= magnitude]
    weighted = [number for number in ordinary for _ in range(_WEIGHT)]
    extreme = [number for number in _EXTREME_CONSTANTS if abs(number) <= precision.largest]
    return tuple(map(Constant, (*weighted, *extreme)))


def exponents(count: int) -> tuple[Constant, ...]:
    """Return ``count`` constants for the exponents of powers, the simplest first."""
    listed = tuple(map(Constant, _EXPONENTS))
    return tuple(listed[index * len(listed) // count] for index in range(count))


def ordinary(index: int, magnitude: float) -> float:
    """Return a number of a sequence up to ``magnitude`` in size, first the tenths.

    The others are spread out and have many digits; small ones are more likely.
    """
    if index < _TENTHS and (index + 1) / 10 <= magnitude:
        return (index + 1) / 10
    share = _share(index)
    return math.copysign(share * share * magnitude, -1.0 if index % 2 else 1.0)


def of_any_magnitude(index: int, precision: Precision) -> float:
    """Return a number of a sequence with one digit each, and all powers of ten equally likely.

    They are those that the precision has, from the subnormal ones on.
    """
    least = math.floor(math.log10(precision.smallest_subnormal)) + 1
    decades = math.floor(math.log10(precision.largest)) - least
    decade = least + int(_share(index) * decades)
    return float(f"{'-' if index % 2 else ''}{1 + index % 9}e{decade}")


def _share(index: int) -> float:
    """Return a number from 0 to 1. Multiples of the golden ratio, modulo 1, are spread evenly."""
    return (index * _GOLDEN_RATIO % 2**64) / 2**64
