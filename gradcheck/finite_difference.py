"""The finite difference of an engine's forward pass, with respect to one input."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cached_property

from gradcheck.comparison import Comparison
from gradcheck.engines.faults import Fault
from gradcheck.engines.protocol import Engine, Run
from gradcheck.expression import Case
from gradcheck.oracles.certificate import Certificate
from gradcheck.oracles.floats import value_in_floats
from gradcheck.oracles.slope import certify_slope, default_step, moved, slope


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
        if self._is_near_the_gradient() and self._is_between_float_values():
            return False
        if self.certificate.has_true_partials and self._is_close():
            return False
        return self.slope.agrees is False

    def _is_near_the_gradient(self) -> bool:
        """Tell whether slope and gradient agree to a quarter of the digits that a number can have.

        This proves nothing. Rounding and curvature leave about half of the digits to most slopes,
        and where there are fewer than a quarter, the bar decides. So the slope stays a witness
        against the derivatives too, which float values alone would not contradict.
        """
        if self.gradient is None:
            return False
        precision = self.certificate.precision
        rise, expected = self.moved_value - self.value, self.gradient * self.step
        noise = precision.unit_roundoff * (abs(self.value) + abs(self.moved_value))
        share = math.ldexp(max(1.0, abs(self.gradient)), -(precision.digits // 4))
        return abs(rise - expected) <= share * abs(self.step) + noise

    def _is_between_float_values(self) -> bool:
        """Tell whether both values are, bit for bit, those of plain float operations.

        Then they are those of a faithful forward pass: IEEE 754 determines the results of
        arithmetic, of square roots and of branches, and the functions of Python's ``math`` lose no
        more than the table of operations allows. The error bar contains every slope between two
        such values, whatever the derivative is on the way: that is how it is derived, from the mean
        value theorem and the errors of the two values. So it contains this slope, and need not be
        computed. An operation with a smaller allowance has no float value, and so no such slope.
        """
        certificate = self.certificate
        there = value_in_floats(self.moved_case, certificate.precision)
        return self.moved_value == there and self.value == certificate.value_in_floats

    def _is_close(self) -> bool:
        """Tell whether the slope is within the smallest error bar that it can have.

        That is the allowed error of one value, divided by the step, to either side of the
        derivative.
        """
        value = self.certificate.faithful_values[self.case.expression.output]
        derivative = self.certificate.usual_adjoints[self.index]
        return bool(abs(derivative - self._slope) * abs(self.step) <= value.rad())


def finite_difference(
    case: Case,
    engine: Engine,
    run: Run,
    certificate: Certificate,
    index: int,
    step: float | None = None,
) -> FiniteDifference | None:
    """Return the finite difference of an input, ``None`` where the engine returns no value."""
    step = default_step(case.point[index], engine.precision) if step is None else step
    moved_case = moved(case, index, step, engine.precision)
    if run.value is None or moved_case is None:
        return None
    moved_value = engine.value(moved_case)
    if isinstance(moved_value, Fault):
        return None
    gradient = run.readings[index].adjoint if run.readings else None
    return FiniteDifference(
        case, moved_case, index, step, run.value, moved_value, gradient, certificate
    )
