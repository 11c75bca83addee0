"""One number of an engine beside the truth about it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flint import arb

from gradcheck.kind import Kind, Reason
from gradcheck.oracles.certificate import Certified


@dataclass(frozen=True, slots=True)
class Comparison:
    """One number of an engine, the truth about it, and how far the two may be apart."""

    returned: float | None
    certified: Certified

    @property
    def true(self) -> float:
        """The float64 nearest to the truth, the middle at a kink, NaN where there is none.

        It is 0.0 where the truth is an unresolved cancellation.
        """
        truth = self.certified.truth
        known = truth.rel_accuracy_bits() > 0 or self.certified.at_kink or truth.is_nan()
        return float(truth.mid()) if known else 0.0

    @property
    def allowed_error(self) -> float:
        """How far from ``true`` a right number can be; NaN where there is no bound."""
        return _rounded_up(self.certified.allowed_error) if self.certified.in_range else math.nan

    @property
    def error_share(self) -> float | None:
        """The distance from the truth as a share of the allowed error, where both exist."""
        if not self.is_finite or not self.certified.in_range:
            return None
        allowed = self.certified.allowed_error
        if self.certified.at_kink:
            return 0.0 if self.agrees else math.inf
        return float(self._error / allowed) if allowed > 0 else float(self._error > 0)

    @property
    def agrees(self) -> bool | None:
        """Whether the number may be a faithful engine's; ``None`` where that is undecided."""
        if self.returned is None or not self.certified.in_range:
            return None
        return self.is_finite and not self._error > self.certified.allowed_error

    @property
    def is_finite(self) -> bool:
        """Whether the engine returned a number that is neither NaN nor infinite."""
        return self.returned is not None and math.isfinite(self.returned)

    def fault(self, *, wrong: Kind, imprecise: Kind) -> Kind | None:
        """What is proved against the number, in the words for a value or a gradient."""
        if self.agrees is not False:
            return None
        if not self.is_finite:
            return Kind.NON_FINITE
        return imprecise if self.is_imprecise else wrong

    @property
    def is_imprecise(self) -> bool:
        """Whether a number that disagrees still has half of its digits right."""
        return bool(self._error <= abs(self.certified.truth) * self._half_of_the_digits)

    @property
    def has_lost_digits(self) -> bool:
        """The same of a number about 1: the error is small beside 1, or beside a larger truth."""
        return self.is_finite and (
            self.is_imprecise or bool(self._error <= self._half_of_the_digits)
        )

    @property
    def _half_of_the_digits(self) -> float:
        return math.sqrt(self.certified.precision.unit_roundoff)

    @property
    def _error(self) -> arb:
        return abs(arb(self.returned) - self.certified.centre)

    @property
    def relative_error(self) -> float:
        """The distance from the truth as a share of the truth; infinite where either is no such."""
        truth = abs(self.certified.truth).mid()
        if not self.is_finite or truth == 0:
            return math.inf
        return float(self._error.mid() / truth)

    @property
    def undecided(self) -> Reason | None:
        """Why agreement would prove nothing: the bound is missing or not even one digit sharp."""
        if self.certified.truth.is_nan():
            return Reason.DOMAIN
        if not self.certified.in_range:
            return Reason.OVERFLOW
        truth, allowed = abs(self.certified.truth), self.certified.allowed_error
        if 10 * allowed <= truth or self.certified.at_kink:
            return None
        smallest = self.certified.precision.smallest_normal
        return Reason.UNDERFLOW if truth < smallest else Reason.ILL_CONDITIONED


def is_beyond_doubt(number: float | None, faithful: arb) -> bool:
    """Whether a number is right, and its bound sharp, by what a faithful engine may return alone.

    The truth lies in that enclosure too. So one of its ends is at least as far from the truth as
    any number in it; and with a radius below 1/22 of the middle, the bound is less than a tenth of
    the truth, wherever that is: 10 * 2r <= 21r <= m - r.
    """
    if number is None:
        return False
    middle, radius = faithful.mid(), faithful.rad()
    return bool(abs(middle - number) <= radius and 22 * radius <= abs(middle))


def value_fault(value: Comparison) -> Kind | None:
    """What is proved against a value."""
    return value.fault(wrong=Kind.WRONG_VALUE, imprecise=Kind.IMPRECISE_VALUE)


def gradient_fault(adjoint: float | None, certified: Certified, *, used: bool) -> Kind | None:
    """What is proved against an adjoint; none at all is zero where the output does not need it."""
    if adjoint is None and used:
        return Kind.MISSING_GRADIENT
    witness = Comparison(adjoint or 0.0, certified)
    return witness.fault(wrong=Kind.WRONG_GRADIENT, imprecise=Kind.IMPRECISE_GRADIENT)


def _rounded_up(number: arb) -> float:
    """The least float64 that is no smaller, or the one after it."""
    nearest = float(number)
    return nearest if arb(nearest) >= number else math.nextafter(nearest, math.inf)
