"""The two ways to compute with balls: exactly, and as a floating-point engine would."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from flint import arb

from gradcheck.operations import Operation
from gradcheck.precision import Precision

OUT_OF_RANGE = arb("nan")
"""The enclosure of a result that left the range of the format; what uses it becomes the same."""


def underflow(precision: Precision) -> arb:
    """What one rounding can lose, at most, where the result is below the normal range."""
    if precision.flush_to_zero:
        return arb(0, precision.smallest_normal)
    return arb(0, precision.smallest_subnormal) / 2


@dataclass(slots=True)
class Terms:
    """One or more numbers to be added up: their exact sum, that of their sizes, how many."""

    total: arb
    sizes: arb
    count: int = 1

    @classmethod
    def one(cls, term: arb) -> Terms:
        """A term by itself."""
        return cls(term, abs(term))

    def include(self, others: Terms) -> None:
        """Add others to these."""
        self.total += others.total
        self.sizes += others.sizes
        self.count += others.count


def all_terms(numbers: Iterable[arb]) -> Terms:
    """One or more numbers as terms."""
    first, *others = map(Terms.one, numbers)
    for term in others:
        first.include(term)
    return first


class Arithmetic(Protocol):
    """What a sweep over an expression needs to know of the numbers it computes with."""

    def result(self, operation: Operation, exact: arb) -> arb:
        """All that an operation may return where its exact result is ``exact``."""

    def round(self, result: arb, roundings: int) -> arb:
        """All that may come out where ``result`` is exact and ``roundings`` units may be lost."""

    def multiply(self, x: arb, y: arb) -> arb:
        """The product of two numbers."""

    def add(self, terms: Terms) -> arb:
        """The sum, added up in any order."""


class Exact:
    """Enclosures of the true numbers; their width is due to the working precision alone."""

    def result(self, operation: Operation, exact: arb) -> arb:
        return exact

    def round(self, result: arb, roundings: int) -> arb:
        return result

    def multiply(self, x: arb, y: arb) -> arb:
        return x * y

    def add(self, terms: Terms) -> arb:
        return terms.total


class Rounded:
    """Enclosures of everything that a faithful engine of some precision may return.

    A computed result is ``exact * (1 + d) + e`` with ``|d| <= roundings * u`` and ``|e|`` at most
    as often what one rounding loses to underflow. A correctly rounded operation returns an exact
    result that is a number of the format, and every operation returns an exact zero, so neither of
    these is widened. Nor is a product by exactly one or minus one, which is a copy or a change of
    sign.
    """

    def __init__(self, precision: Precision) -> None:
        self._precision = precision
        self._unit = arb(precision.unit_roundoff)
        self._largest = arb(precision.largest)
        self._underflow = underflow(precision)

    def result(self, operation: Operation, exact: arb) -> arb:
        return self.round(exact, self._precision.roundings(operation))

    def round(self, result: arb, roundings: int) -> arb:
        if roundings == 0:
            return result
        if result.is_exact() and (result == 0 or (roundings == 1 and self._holds(result))):
            return result
        relative = arb(1, roundings * self._precision.unit_roundoff)
        widened = result * relative + roundings * self._underflow
        return widened if abs(widened) <= self._largest else OUT_OF_RANGE

    def multiply(self, x: arb, y: arb) -> arb:
        for factor, other in ((x, y), (y, x)):
            if factor == 1:
                return other
            if factor == -1:
                return -other
        return self.round(x * y, 1)

    def add(self, terms: Terms) -> arb:
        """The sum in any order: its error is at most ``nu / (1 - nu)`` times the sum of the sizes.

        Here n is the number of additions (Higham, Accuracy and Stability of Numerical Algorithms,
        2nd edition, section 4.2). Additions do not underflow: a sum of floats below the normal
        range is exact, unless it is flushed. There is no bound for so many additions that ``nu`` is
        1 or more.
        """
        additions = terms.count - 1
        if additions == 0:
            return terms.total
        if additions == 1:
            return self.round(terms.total, 1)
        share = additions * self._unit
        if not share < 1:
            return OUT_OF_RANGE
        growth = share / (1 - share)
        sizes = terms.sizes * (1 + growth)
        if not sizes <= self._largest:
            return OUT_OF_RANGE
        total = terms.total + sizes * growth * arb(0, 1)
        return total + additions * self._underflow if self._precision.flush_to_zero else total

    def _holds(self, number: arb) -> bool:
        """Whether an exact ball holds a number of the format."""
        nearest = float(number)
        return arb(nearest) == number and self._precision.holds(nearest)


EXACT = Exact()


@cache
def rounded(precision: Precision) -> Rounded:
    """The arithmetic of a precision."""
    return Rounded(precision)
