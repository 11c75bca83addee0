"""The two ways to compute with balls: exactly, and as a floating-point engine would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from flint import arb

UNIT_ROUNDOFF = 2.0**-53
SMALLEST_SUBNORMAL = 2.0**-1074
LARGEST = (2.0 - 2.0**-52) * 2.0**1023

OUT_OF_RANGE = arb("nan")
"""The enclosure of a result that left the range of float64; whatever uses it becomes the same."""

UNDERFLOW = arb(0, SMALLEST_SUBNORMAL) / 2
"""What one rounding can lose below the normal range, where floats lie a subnormal apart."""

_UNIT = arb(UNIT_ROUNDOFF)
_LARGEST = arb(LARGEST)


class Arithmetic(Protocol):
    """What a sweep over an expression needs to know of the numbers it computes with."""

    def round(self, result: arb, roundings: int) -> arb:
        """All that may come out where ``result`` is exact and ``roundings`` units may be lost."""

    def multiply(self, x: arb, y: arb) -> arb:
        """The product of two numbers."""

    def add(self, terms: Sequence[arb]) -> arb:
        """The sum of one or more numbers, added up in any order."""


class Exact:
    """Enclosures of the true numbers; their width is due to the working precision alone."""

    def round(self, result: arb, roundings: int) -> arb:
        return result

    def multiply(self, x: arb, y: arb) -> arb:
        return x * y

    def add(self, terms: Sequence[arb]) -> arb:
        return sum(terms[1:], start=terms[0])


class Rounded:
    """Enclosures of everything that a faithful float64 engine may return.

    A computed result is ``exact * (1 + d) + e`` with ``|d| <= roundings * u`` and ``|e|`` at most
    as many halves of the smallest subnormal. A correctly rounded operation returns an exact result
    that is a float, and every operation returns an exact zero, so neither of these is widened. Nor
    is a product by exactly one or minus one, which is a copy or a change of sign.
    """

    def round(self, result: arb, roundings: int) -> arb:
        if result.is_exact() and (result == 0 or (roundings == 1 and _is_float(result))):
            return result
        widened = result * arb(1, roundings * UNIT_ROUNDOFF) + roundings * UNDERFLOW
        return widened if abs(widened) <= _LARGEST else OUT_OF_RANGE

    def multiply(self, x: arb, y: arb) -> arb:
        for factor, other in ((x, y), (y, x)):
            if factor == 1:
                return other
            if factor == -1:
                return -other
        return self.round(x * y, 1)

    def add(self, terms: Sequence[arb]) -> arb:
        """The sum in any order: its error is at most ``nu / (1 - nu)`` times the sum of the sizes.

        Here n is the number of additions (Higham, Accuracy and Stability of Numerical Algorithms,
        2nd edition, section 4.2). Additions do not underflow: a sum of floats below the normal
        range is exact.
        """
        additions = len(terms) - 1
        if additions == 0:
            return terms[0]
        if additions == 1:
            return self.round(terms[0] + terms[1], 1)
        growth = additions * _UNIT / (1 - additions * _UNIT)
        sizes = sum((abs(term) for term in terms[1:]), start=abs(terms[0])) * (1 + growth)
        if not sizes <= _LARGEST:
            return OUT_OF_RANGE
        return sum(terms[1:], start=terms[0]) + sizes * growth * arb(0, 1)


def _is_float(number: arb) -> bool:
    """Whether an exact ball holds a float64."""
    return arb(float(number)) == number


EXACT = Exact()
ROUNDED = Rounded()
