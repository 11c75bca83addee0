"""What an engine's run of a case comes to: a row for the value and for each input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from gradcheck.comparison import Comparison, gradient_fault, is_beyond_doubt, value_fault
from gradcheck.engines.faults import Fault
from gradcheck.engines.protocol import Run
from gradcheck.expression import Case
from gradcheck.finite_difference import FiniteDifference
from gradcheck.kind import Kind, Reason
from gradcheck.oracles.certificate import Certificate


@dataclass(frozen=True, slots=True)
class Row:
    """What was found of the value, or of the gradient by one input.

    ``finite_difference`` stands beside a gradient only. It is ``None`` where the engine gave no
    value a step away or, in a large expression, was not asked for one.
    """

    name: str
    backprop: Comparison
    finite_difference: FiniteDifference | None
    kind: Kind
    undecided: Reason | None = None

    @property
    def slope(self) -> Comparison | None:
        """The slope, where there is a far end to take it to."""
        return None if self.finite_difference is None else self.finite_difference.slope


@dataclass(frozen=True)  # no slots: cached_property keeps its results in __dict__
class Judgement:
    """A run beside the truth, worked out as far as it is asked for."""

    case: Case
    run: Run
    certificate: Certificate
    finite_differences: Sequence[FiniteDifference | None]

    def __reduce__(self) -> tuple[type[Judgement], tuple[object, ...]]:
        # Without what is worked out: another process can do so itself.
        return Judgement, (self.case, self.run, self.certificate, self.finite_differences)

    @cached_property
    def kind(self) -> Kind:
        """The gravest of all that was found."""
        if self._is_beyond_doubt():
            return Kind.CORRECT
        return min((row.kind for row in self.rows), key=lambda kind: kind.gravity)

    def _is_beyond_doubt(self) -> bool:
        """Whether enclosures of what a faithful engine may return show that all is correct."""
        run, point, certificate = self.run, self.case.point, self.certificate
        if run.fault is not None or not certificate.is_of_one_derivative:
            return False
        enclosed = certificate.faithful_values[self.case.expression.output]
        if not is_beyond_doubt(run.value, enclosed):
            return False
        for index, x in enumerate(point):
            reading, finite_difference = run.readings[index], self.finite_differences[index]
            adjoint = reading.adjoint
            if adjoint is None and not self.case.expression.used[index]:
                adjoint = 0.0
            if (
                reading.value != x
                or not is_beyond_doubt(adjoint, certificate.faithful_adjoints[index])
                or (finite_difference is not None and finite_difference.is_wrong())
            ):
                return False
        return True

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The value and the gradient."""
        gradient = (self._gradient_row(index) for index in range(len(self.finite_differences)))
        return (self._value_row(), *gradient)

    def _value_row(self) -> Row:
        value = self.run.value
        output = Comparison(value, self.certificate.values[self.case.expression.output])
        if value is None:
            return Row("value", output, None, *_stopped(self.run.fault, self.certificate))
        return Row("value", output, None, *_judged(output, value_fault(output)))

    def _gradient_row(self, index: int) -> Row:
        run, expression, finite_difference = (
            self.run,
            self.case.expression,
            self.finite_differences[index],
        )
        name, certified = expression.inputs[index], self.certificate.adjoints[index]
        if run.fault is not None:
            stopped = _stopped(run.fault, self.certificate)
            return Row(name, Comparison(None, certified), finite_difference, *stopped)
        reading, used = run.readings[index], expression.used[index]
        fault = gradient_fault(reading.adjoint, certified, used=used)
        if fault is Kind.MISSING_GRADIENT:
            return Row(name, Comparison(None, certified), finite_difference, fault)
        backprop = Comparison(reading.adjoint or 0.0, certified)
        kind, undecided = _judged(backprop, fault)
        if not kind.is_finding and reading.value != self.case.point[index]:
            kind, undecided = Kind.MUTATED_INPUT, None
        elif not kind.is_finding and finite_difference is not None and finite_difference.is_wrong():
            kind = Kind.WRONG_VALUE if finite_difference.slope.is_finite else Kind.NON_FINITE
            undecided = None
        return Row(name, backprop, finite_difference, kind, undecided)


def _judged(witness: Comparison, fault: Kind | None) -> tuple[Kind, Reason | None]:
    if fault is not None:
        return fault, None
    reason = witness.undecided
    return (Kind.CORRECT if reason is None else Kind.UNDECIDED), reason


def _stopped(fault: Fault | None, certificate: Certificate) -> tuple[Kind, Reason | None]:
    """What came instead of numbers; nothing is decided where an engine may have to raise an error.

    It never has to end its process.
    """
    if fault is not None and fault.is_hang:
        return Kind.HANG, None
    if fault is not None and fault.is_memory:
        return Kind.MEMORY, None
    if fault is not None and fault.ends_process:
        return Kind.CRASH, None
    # Of both passes, as many engines work out their local partials while they go forward.
    balls = (*certificate.values, *certificate.adjoints)
    if all(ball.in_range for ball in balls):
        return Kind.CRASH, None
    outside = any(ball.truth.is_nan() for ball in balls)
    return Kind.UNDECIDED, Reason.DOMAIN if outside else Reason.OVERFLOW
