"""Compare one number of an engine with its enclosures."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flint import arb

from gradcheck.kind import Kind, Reason
from gradcheck.oracles.certificate import Certified


@dataclass(frozen=True, slots=True)
class Comparison:
    """One number of an engine, and what is certified about the true one."""

    returned: float | None
    certified: Certified

    @property
    def true(self) -> float:
        """The float64 nearest to the true number.

        At a kink it is the middle of the possible numbers, outside of a domain NaN, and 0.0 where
        the enclosure contains 0 and could not be made sharp.
        """
        truth = self.certified.truth
        known = truth.rel_accuracy_bits() > 0 or self.certified.at_kink or truth.is_nan()
        return float(truth.mid()) if known else 0.0

    @property
    def allowed_error(self) -> float:
        """The largest distance of a correct number from ``true``; NaN where there is no bound."""
        return _rounded_up(self.certified.allowed_error) if self.certified.in_range else math.nan

    @property
    def error_share(self) -> float | None:
        """The error as a share of the allowed error, where both exist."""
        if not self.is_finite or not self.certified.in_range:
            return None
        allowed = self.certified.allowed_error
        if self.certified.at_kink:
            return 0.0 if self.agrees else math.inf
        return float(self._error / allowed) if allowed > 0 else float(self._error > 0)

    @property
    def agrees(self) -> bool | None:
        """Whether a faithful engine may return the number; ``None`` where that is undecided."""
        if self.returned is None:
            return None
        if self.certified.overflow:
            # Two infinities that cancel are a NaN.
            return None if math.isnan(self.returned) else self.returned == self.certified.overflow
        if not self.certified.in_range:
            return None
        return self.is_finite and not self._error > self.certified.allowed_error

    @property
    def is_finite(self) -> bool:
        """Whether the engine returned a finite number."""
        return self.returned is not None and math.isfinite(self.returned)

    def kind_if_wrong(self, *, wrong: Kind, imprecise: Kind) -> Kind | None:
        """Return the kind of a number that is proved wrong, ``None`` for any other.

        That is ``wrong`` or ``imprecise`` for a finite number.
        """
        if self.agrees is not False:
            return None
        if not self.is_finite:
            return Kind.NON_FINITE
        return imprecise if self.is_imprecise else wrong

    @property
    def is_imprecise(self) -> bool:
        """Whether at least half of the digits of a wrong number are correct."""
        return bool(self._error <= abs(self.certified.truth) * self._half_of_the_digits)

    @property
    def has_lost_digits(self) -> bool:
        """Whether the error is small compared with the true number, or with 1."""
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
    def _is_a_true_zero(self) -> bool:
        return self.returned == 0.0 and bool(self.certified.truth == 0)

    @property
    def relative_error(self) -> float:
        """The error as a share of the true number; infinite if that is 0 or no number came."""
        truth = abs(self.certified.truth).mid()
        if not self.is_finite or truth == 0:
            return math.inf
        return float(self._error.mid() / truth)

    @property
    def undecided(self) -> Reason | None:
        """The reason why agreement would not prove even one digit, ``None`` where it would.

        There is no bound, or the bound exceeds a tenth of the true number. Neither matters for a
        zero that is exactly true.
        """
        if self.certified.overflow and self.agrees is not None:
            return None
        if self.certified.truth.is_nan():
            return Reason.DOMAIN
        if not self.certified.in_range:
            return Reason.OVERFLOW
        truth, allowed = abs(self.certified.truth), self.certified.allowed_error
        if 10 * allowed <= truth or self.certified.at_kink or self._is_a_true_zero:
            return None
        smallest = self.certified.precision.smallest_normal
        return Reason.UNDERFLOW if truth < smallest else Reason.ILL_CONDITIONED


def is_certainly_correct(number: float | None, faithful: arb) -> bool:
    """Tell whether a faithful engine's enclosure alone proves a number correct, with a sharp bound.

    The true number lies in the enclosure too. So a number in it is no further from the true one
    than the farther end of the enclosure, and that distance is the allowed error. With a radius r
    of at most 1/22 of the middle m, the allowed error is less than a tenth of the true number,
    wherever that lies: 10 * 2r <= 21r <= m - r.
    """
    if number is None:
        return False
    middle, radius = faithful.mid(), faithful.rad()
    return bool(abs(middle - number) <= radius and 22 * radius <= abs(middle))


def value_kind_if_wrong(value: Comparison) -> Kind | None:
    """Return the kind of a value that is proved wrong, ``None`` for any other."""
    return value.kind_if_wrong(wrong=Kind.WRONG_VALUE, imprecise=Kind.IMPRECISE_VALUE)


def gradient_kind_if_wrong(
    adjoint: float | None, certified: Certified, *, used: bool
) -> Kind | None:
    """Return the kind of an adjoint that is proved wrong, ``None`` for any other.

    A missing adjoint of an unused node counts as zero.
    """
    if adjoint is None and used:
        return Kind.MISSING_GRADIENT
    comparison = Comparison(adjoint or 0.0, certified)
    return comparison.kind_if_wrong(wrong=Kind.WRONG_GRADIENT, imprecise=Kind.IMPRECISE_GRADIENT)


def _rounded_up(number: arb) -> float:
    """Return the least float64 that is not smaller, or the one after it."""
    nearest = float(number)
    return nearest if arb(nearest) >= number else math.nextafter(nearest, math.inf)
