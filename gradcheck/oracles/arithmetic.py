"""Two arithmetics of balls: exact, and rounded as a floating-point engine rounds."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import cache, reduce
from typing import Protocol

from flint import arb

from gradcheck.operations import Operation
from gradcheck.precision import Precision

OUT_OF_RANGE = arb("nan")
"""The enclosure of a result that left the format's range, and of all results made from it."""


def underflow(precision: Precision) -> arb:
    """Return a ball of the errors of one rounding where the result is below the normal range."""
    if precision.flush_to_zero:
        return arb(0, precision.smallest_normal)
    return arb(0, precision.smallest_subnormal) / 2


def unit(precision: Precision) -> arb:
    """Return the largest relative error of one rounding.

    An engine may compute with more digits and round twice: a float64 in the 64 bits of an x87
    register, whose own unit is ``u * 2**-11``, a bfloat16 in float32. Both errors together are at
    most ``u(1 + 2**-11)(1 + 2**-64)``, which is less than ``u(1 + 2**-10)``.
    """
    return arb(precision.unit_roundoff) * (1 + arb(2) ** -10)


class Arithmetic(Protocol):
    """The operations on numbers that a sweep over an expression needs."""

    def __hash__(self) -> int: ...

    def roundings(self, operation: Operation) -> int:
        """Return the error bound of an operation's result, in units of roundoff."""

    def round(self, result: arb, roundings: int, absolute: float = 0.0) -> arb:
        """Enclose all that ``result`` may become with an error of ``roundings`` units.

        The error is relative, but for ``absolute`` units.
        """

    def multiply(self, x: arb, y: arb) -> arb:
        """Return the product of two numbers."""

    def add(self, terms: Sequence[arb]) -> arb:
        """Return the sum of one or more numbers, added in any order."""

    def product(self, factors: Sequence[arb]) -> arb:
        """Return the product of one or more numbers, multiplied in any order."""

    def by_any_formula(self, contribution: arb, upstream: arb, partial: arb) -> arb:
        """Enclose ``upstream * partial`` by formulas that no row lists; one is ``contribution``."""


class Exact:
    """Enclosures of the true numbers; their width comes from the working precision alone."""

    def roundings(self, operation: Operation) -> int:
        return 0

    def round(self, result: arb, roundings: int, absolute: float = 0.0) -> arb:
        return result

    multiply = staticmethod(operator.mul)

    def add(self, terms: Sequence[arb]) -> arb:
        return reduce(operator.add, terms)

    def product(self, factors: Sequence[arb]) -> arb:
        return reduce(operator.mul, factors)

    def by_any_formula(self, contribution: arb, upstream: arb, partial: arb) -> arb:
        return contribution


class Rounded:
    """Enclosures of everything that a faithful engine of some precision may return.

    A computed result is ``exact * (1 + d) + e``. Here ``|d| <= roundings * u``, where ``u`` is the
    ``unit`` of the precision, and ``|e|`` is at most ``roundings`` times the error of one
    underflow. Three results are not widened: a number of
    the format, if the operation is correctly rounded; an exact zero; and a product with exactly 1
    or -1, which is a copy or a change of sign.
    """

    def __init__(self, precision: Precision) -> None:
        self._precision = precision
        self._unit = unit(precision)
        self._largest = arb(precision.largest)
        self._smallest_normal = arb(precision.smallest_normal)
        self._largest_negative_normal = -self._smallest_normal
        self._below_normal = arb(0, precision.smallest_normal)
        self._underflow = underflow(precision)
        self._losses: dict[int, tuple[arb, arb]] = {}

    def roundings(self, operation: Operation) -> int:
        return self._precision.roundings(operation)

    def round(self, result: arb, roundings: int, absolute: float = 0.0) -> arb:
        if absolute:
            result = result + arb(0, absolute) * self._unit
        if roundings == 0:
            return result
        if result.is_exact() and (result == 0 or (roundings == 1 and self._holds(result))):
            return result
        relative, underflow = self._losses.get(roundings) or self._loss(roundings)
        widened = result * relative + underflow
        return widened if abs(widened) <= self._largest else OUT_OF_RANGE

    def _loss(self, roundings: int) -> tuple[arb, arb]:
        """Return the ball to multiply a result with, and the ball to add to it."""
        relative = arb(1, float(roundings * self._unit))
        loss = self._losses[roundings] = relative, roundings * self._underflow
        return loss

    def multiply(self, x: arb, y: arb) -> arb:
        if _is_unit(x):
            return y if x == 1 else -y
        if _is_unit(y):
            return x if y == 1 else -x
        return self.round(x * y, 1)

    def add(self, terms: Sequence[arb]) -> arb:
        """Enclose the sum in any order.

        Its error is at most ``nu / (1 - nu)`` times the sum of the sizes of the terms, where n is
        the number of additions (Higham, Accuracy and Stability of Numerical Algorithms, 2nd
        edition, section 4.2). There is no bound if ``nu`` is 1 or more. Additions do not underflow:
        a sum of floats below the normal range is exact, unless it is flushed to zero.
        """
        additions = len(terms) - 1
        total = EXACT.add(terms)
        if additions <= 1:
            return self.round(total, additions)
        share = additions * self._unit
        if not share < 1:
            return OUT_OF_RANGE
        growth = share / (1 - share)
        sizes = EXACT.add([abs(term) for term in terms]) * (1 + growth)
        if not sizes <= self._largest:
            return OUT_OF_RANGE
        total += sizes * growth * arb(0, 1)
        return total + additions * self._underflow if self._precision.flush_to_zero else total

    def product(self, factors: Sequence[arb]) -> arb:
        """Enclose the product of n numbers in any order.

        Its relative error is at most ``(n - 1)u/(1 - (n - 1)u)``, as that of a sum. Where one of
        the ``n - 1`` products is below the normal range, its error is multiplied by the factors
        that are left. No product of factors is larger than that of all factors larger than 1;
        there is no bound if that may overflow.
        """
        *others, last = [factor for factor in factors if not _is_unit(factor)] or [arb(1)]
        signs = EXACT.product([arb(1), *filter(_is_unit, factors)])
        if len(others) <= 1:
            return signs * reduce(self.multiply, others, last)
        largest = 2 * EXACT.product([abs(factor).max(1) for factor in (*others, last)])
        if not largest <= self._largest:
            return OUT_OF_RANGE
        total = signs * EXACT.product([*others, last])
        if total.is_exact() and total == 0:
            return total
        share = len(others) * self._unit
        if not share < 1:
            return OUT_OF_RANGE
        relative = 1 + share / (1 - share) * arb(0, 1)
        return total * relative + len(others) * largest * self._underflow

    def by_any_formula(self, contribution: arb, upstream: arb, partial: arb) -> arb:
        """Enclose a contribution by formulas that no row lists; it is widened near zero only.

        With an upstream gradient or a contribution below the normal range, the steps of a formula
        round to multiples of the smallest subnormal: ``g*E/(1 + E)`` of the smallest ``g`` is ``g``
        where it should be a third of that. How much is lost depends on the order of the steps. So
        nothing is claimed about the digits of such a contribution: it may be off by the smallest
        normal number, and by as much times a partial larger than 1.
        """
        if self._is_normal(contribution) and self._is_normal(upstream):
            return contribution
        if contribution == 0 and contribution.is_exact():
            return contribution
        return contribution + abs(partial).max(1) * self._below_normal

    def _is_normal(self, number: arb) -> bool:
        """Tell whether all numbers of a ball are in the normal range, as far as it is known."""
        return number >= self._smallest_normal or number <= self._largest_negative_normal

    def _holds(self, number: arb) -> bool:
        """Tell whether an exact ball is a number of the format."""
        nearest = float(number)
        return arb(nearest) == number and self._precision.holds(nearest)


def _is_unit(number: arb) -> bool:
    """Tell whether a number is 1 or -1, the product with which is a copy."""
    return bool(number.is_exact() and abs(number) == 1)


EXACT = Exact()


@cache
def rounded(precision: Precision) -> Rounded:
    """Return the rounded arithmetic of a precision."""
    return Rounded(precision)
