"""The verdict on one number of an engine: its value, or one component of its gradient."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gradcheck.comparison import Comparison, gradient_kind_if_wrong, value_kind_if_wrong
from gradcheck.engines.faults import Fault
from gradcheck.engines.protocol import Run
from gradcheck.expression import Case
from gradcheck.finite_difference import FiniteDifference
from gradcheck.kind import Kind, Reason
from gradcheck.oracles.certificate import Certificate, OracleDisagreementError, certify
from gradcheck.report import Row
from gradcheck.rewriting import constants_as_inputs


@dataclass(frozen=True, slots=True)
class NumberVerdict:
    """One number of an engine, compared with the truth, and the kind that follows.

    Only a gradient has a ``finite_difference``. It is ``None`` where the engine returned no value
    at the moved point, or where the expression is too large to take all slopes.
    """

    name: str
    backprop: Comparison
    finite_difference: FiniteDifference | None
    kind: Kind
    undecided: Reason | None = None

    @property
    def slope(self) -> Comparison | None:
        """The slope compared with the derivative, where a slope was taken."""
        return None if self.finite_difference is None else self.finite_difference.slope

    @property
    def row(self) -> Row:
        """The verdict as plain numbers."""
        return Row(
            name=self.name,
            backprop=self.backprop.returned,
            symbolic=self.backprop.true,
            allowed_error=self.backprop.allowed_error,
            slope=None if self.slope is None else self.slope.returned,
            slope_allowed_error=None if self.slope is None else self.slope.allowed_error,
            kind=self.kind,
            undecided=self.undecided,
        )


def value_verdict(case: Case, run: Run, certificate: Certificate) -> NumberVerdict:
    """Judge the value of the output."""
    value = run.value
    output = Comparison(value, certificate.values[case.expression.output])
    if value is None:
        return NumberVerdict("value", output, None, *kind_of_fault(run.fault, certificate))
    return NumberVerdict(
        "value", output, None, *kind_and_reason(output, value_kind_if_wrong(output))
    )


def gradient_verdict(
    case: Case,
    run: Run,
    certificate: Certificate,
    finite_difference: FiniteDifference | None,
    index: int,
) -> NumberVerdict:
    """Judge the gradient with respect to one input."""
    name, used = case.expression.inputs[index], case.expression.used[index]
    certified = certificate.adjoints[index]
    if run.fault is not None:
        kind, reason = kind_of_fault(run.fault, certificate)
        missing = Comparison(None, certified)
        return NumberVerdict(name, missing, finite_difference, kind, reason)
    reading = run.readings[index]
    wrong = gradient_kind_if_wrong(reading.adjoint, certified, used=used)
    if wrong is Kind.MISSING_GRADIENT:
        return NumberVerdict(name, Comparison(None, certified), finite_difference, wrong)
    backprop = Comparison(reading.adjoint or 0.0, certified)
    kind, undecided = kind_and_reason(backprop, wrong)
    if not kind.is_finding and reading.value != case.point[index]:
        kind, undecided = Kind.MUTATED_INPUT, None
    elif not kind.is_finding and finite_difference is not None and finite_difference.is_wrong():
        kind = Kind.WRONG_VALUE if finite_difference.slope.is_finite else Kind.NON_FINITE
        undecided = None
    return NumberVerdict(name, backprop, finite_difference, kind, undecided)


def proved_by_steps(number: NumberVerdict) -> NumberVerdict:
    """Return the verdict on a number of a run that is proved step by step.

    Raises ``OracleDisagreementError`` if it was proved wrong all the same.
    """
    if number.kind.is_finding:
        message = f"every step is proved, and {number.name} is {number.kind.value}"
        raise OracleDisagreementError(message)
    return replace(number, kind=Kind.CORRECT, undecided=None)


def kind_and_reason(number: Comparison, wrong: Kind | None) -> tuple[Kind, Reason | None]:
    """Return the kind of a number, ``wrong`` if it is proved wrong, and the reason if undecided."""
    if wrong is not None:
        return wrong, None
    reason = number.undecided
    return (Kind.CORRECT if reason is None else Kind.UNDECIDED), reason


def kind_of_fault(fault: Fault | None, certificate: Certificate) -> tuple[Kind, Reason | None]:
    """Return the kind of a number that the engine did not return, because it stopped.

    The number is undecided where a correct engine may have to raise an error. No correct engine
    ends its process.
    """
    if fault is not None and fault.is_hang:
        return Kind.HANG, None
    if fault is not None and fault.is_memory:
        return Kind.MEMORY, None
    if fault is not None and fault.ends_process:
        return Kind.CRASH, None
    # Many engines compute local partials in the forward pass, and the gradients of constants too.
    certificate = certify(constants_as_inputs(certificate.case), certificate.precision)
    balls = (*certificate.values, *certificate.adjoints)
    if all(ball.in_range for ball in balls):
        return Kind.CRASH, None
    outside = any(ball.truth.is_nan() for ball in balls)
    return Kind.UNDECIDED, Reason.DOMAIN if outside else Reason.OVERFLOW
