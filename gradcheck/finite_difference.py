"""The finite difference of an engine's forward pass, with respect to one input."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cached_property

from gradcheck.comparison import Comparison
from gradcheck.expression import Case
from gradcheck.oracles.certificate import Certificate
from gradcheck.oracles.floats import value_in_floats
from gradcheck.oracles.slope import certify_slope, slope


@dataclass(frozen=True)  # no slots: cached_property keeps its result in __dict__
class FiniteDifference:
    """The engine's values at a case and at ``moved_case``, with a ``step`` added to one input.

    ``gradient`` is what the engine's backward pass gave for this input, if anything.
    """

    case: Case
    moved_case: Case
    index: int
    step: float
    value: float
    moved_value: float
    gradient: float | None
    certificate: Certificate

    def __reduce__(self) -> tuple[type[FiniteDifference], tuple[object, ...]]:
        # Without the cached result, which another process can compute itself.
        return FiniteDifference, tuple(getattr(self, field.name) for field in fields(self))

    @cached_property
    def slope(self) -> Comparison:
        """The slope between the two values, compared with the derivative at the case."""
        certified = certify_slope(
            self.case, self.moved_case, self.certificate, self.index, self.step
        )
        return Comparison(self._slope, certified)

    @property
    def _slope(self) -> float:
        return slope(self.value, self.moved_value, self.step)

    def is_wrong(self) -> bool:
        """Tell whether the slope is proved wrong; its error bar is computed only where needed."""
        if self._is_near_the_gradient() and self._is_that_of_floats():
            return False
        if self.certificate.has_default_partials and self._is_close():
            return False
        return self.slope.agrees is False

    def _is_that_of_floats(self) -> bool:
        """Tell whether both values are those of float operations, bit for bit.

        Each of these is faithful: IEEE 754 determines the result of arithmetic and square roots, of
        a branch and a change of sign, and the functions of Python's ``math`` err by at most half of
        what the table of operations allows. So both values are those of a faithful forward pass.
        The error bar contains every slope that such a pass can have, so this slope is within it,
        wherever it lies: by the mean value theorem if both values are those of a sum of steps, the
        rounding of which the bar adds up.
        """
        certificate = self.certificate
        moved = value_in_floats(self.moved_case, certificate.precision)
        return self.moved_value == moved and self.value == certificate.value_in_floats

    def _is_near_the_gradient(self) -> bool:
        """Tell whether slope and gradient have a quarter of their digits in common.

        This is no proof. It keeps the slope a witness against the derivatives too: where they
        differ by more, the bar decides, which does not rely on the engine's gradient. A slope has
        half of the digits, and fewer where the value is rounded by much more than it changes.
        """
        if self.gradient is None:
            return False
        precision = self.certificate.precision
        rise, expected = self.moved_value - self.value, self.gradient * self.step
        noise = precision.unit_roundoff * (abs(self.value) + abs(self.moved_value))
        return abs(rise - expected) <= math.ldexp(abs(expected), -precision.digits // 4) + noise

    def _is_close(self) -> bool:
        """Tell whether the slope is within the smallest error bar that it can have.

        That is the allowed error of one value, divided by the step, to either side of the
        derivative.
        """
        value = self.certificate.faithful_values[self.case.expression.output]
        derivative = self.certificate.faithful_adjoints[self.index]
        return bool(abs(derivative - self._slope) * abs(self.step) <= value.rad())
