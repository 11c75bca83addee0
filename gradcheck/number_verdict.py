"""The verdict on one number of an engine: its value, or one component of its gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from flint import arb

from gradcheck.comparison import (
    Comparison,
    gradient_kind_if_wrong,
    is_certainly_correct,
    value_kind_if_wrong,
)
from gradcheck.engines.faults import Fault
from gradcheck.engines.protocol import Run
from gradcheck.expression import Case
from gradcheck.finite_difference import FiniteDifference
from gradcheck.kind import Kind, Reason
from gradcheck.oracles.certificate import (
    Certificate,
    Certified,
    OracleDisagreementError,
    certify,
)
from gradcheck.oracles.singular import singular_operation, true_derivative, true_value
from gradcheck.precision import Precision
from gradcheck.report import Row
from gradcheck.rewriting import constants_as_inputs

SHALLOW = 100
"""Operations on a path that every engine has to support; Python recurses a thousand times."""


@dataclass(frozen=True, slots=True)
class NumberVerdict:
    """One number of an engine, compared with the truth, and the kind that follows.

    Only a gradient has a ``finite_difference``. It is ``None`` where the engine returned no value
    at the moved point, or where the expression is too large to take all slopes. ``singular_truth``
    encloses the true number at a singular point, ``None`` at any other.
    """

    name: str
    backprop: Comparison
    finite_difference: FiniteDifference | None
    kind: Kind
    undecided: Reason | None = None
    singular_truth: arb | None = None

    @property
    def true(self) -> float:
        """The float64 nearest to the true number, at a singular point too."""
        if self.singular_truth is None:
            return self.backprop.true
        return float(self.singular_truth.mid())

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
            symbolic=self.true,
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
        number = NumberVerdict("value", output, None, *kind_of_fault(run.fault, certificate))
    else:
        kind, reason = kind_and_reason(output, value_kind_if_wrong(output))
        number = NumberVerdict("value", output, None, kind, reason)
    return _singular_if_known(number, certificate.precision, lambda: true_value(case))


def gradient_verdict(
    case: Case,
    run: Run,
    certificate: Certificate,
    finite_difference: FiniteDifference | None,
    index: int,
) -> NumberVerdict:
    """Judge the gradient with respect to one input."""
    name, used = case.expression.inputs[index], case.expression.gets_gradient[index]
    certified = certificate.adjoints[index]
    if run.fault is not None:
        kind, reason = kind_of_fault(run.fault, certificate)
        missing = Comparison(None, certified)
        number = NumberVerdict(name, missing, finite_difference, kind, reason)
        return _singular_if_known(
            number, certificate.precision, lambda: true_derivative(case, index)
        )
    reading = run.readings[index]
    wrong = gradient_kind_if_wrong(reading.adjoint, certified, used=used)
    if wrong is Kind.NON_FINITE and singular_operation(certificate) is not None:
        # In forward mode, a partial that is no number makes a NaN for every input: 0 times it.
        missing = Comparison(reading.adjoint, certified)
        return NumberVerdict(name, missing, finite_difference, Kind.UNDECIDED, Reason.DOMAIN)
    if wrong is Kind.MISSING_GRADIENT:
        return NumberVerdict(name, Comparison(None, certified), finite_difference, wrong)
    backprop = Comparison(reading.adjoint or 0.0, certified)
    kind, undecided = kind_and_reason(backprop, wrong)
    if not kind.is_finding and reading.value != case.point[index]:
        kind, undecided = Kind.MUTATED_INPUT, None
    elif not kind.is_finding and finite_difference is not None and finite_difference.is_wrong():
        kind = Kind.WRONG_VALUE if finite_difference.slope.is_finite else Kind.NON_FINITE
        undecided = None
    number = NumberVerdict(name, backprop, finite_difference, kind, undecided)
    if kind is Kind.UNDECIDED:
        number = _decided_by_usual_formulas(number, certificate, index)
    return _singular_if_known(number, certificate.precision, lambda: true_derivative(case, index))


def _decided_by_usual_formulas(
    number: NumberVerdict, certificate: Certificate, index: int
) -> NumberVerdict:
    """Return a number as correct if the formulas of the derivatives alone prove that it is.

    Another formula in use may have no bound here, as one of its steps may overflow. That is no
    reason to doubt a number within the bound of the usual formulas, which contains the true number.
    """
    truth, usual = certificate.adjoints[index].truth, certificate.usual_adjoints[index]
    is_right = (
        certificate.has_true_partials
        and not certificate.near_kinks
        and truth.is_finite()
        and is_certainly_correct(number.backprop.returned, usual)
    )
    if not is_right:
        return number
    certified = Certified(truth, usual, certificate.precision)
    backprop = Comparison(number.backprop.returned, certified)
    return replace(number, backprop=backprop, kind=Kind.CORRECT, undecided=None)


def _singular_if_known(
    number: NumberVerdict, precision: Precision, true_number: Callable[[], arb | None]
) -> NumberVerdict:
    """Return the verdict at a singular point, if the true number is known there.

    Such a point is one where the chain rule has no number, or the engine got a NaN on its way.
    The engine's number is correct if no float is closer to the true one. Nothing else is proved:
    there is no bound on what the chain rule gives.
    """
    returned = number.backprop.returned
    has_none = number.undecided is Reason.DOMAIN and number.backprop.certified.truth.is_nan()
    lost_it = number.undecided is Reason.OVERFLOW and returned is not None and math.isnan(returned)
    truth = true_number() if has_none or lost_it else None
    if truth is None or not abs(truth) <= precision.largest:
        return number
    nearest = precision.nearest(float(truth.mid()))
    kind = Kind.CORRECT if returned == nearest else Kind.SINGULAR
    return replace(number, kind=kind, undecided=None, singular_truth=truth)


def proved_by_steps(number: NumberVerdict) -> NumberVerdict:
    """Return the verdict on a number of a run that is proved step by step.

    Raises ``OracleDisagreementError`` if it was proved wrong all the same.
    """
    if number.kind.is_finding:
        message = f"every step is proved, and {number.name} is {number.kind.value}"
        raise OracleDisagreementError(message)
    return replace(number, kind=Kind.CORRECT, undecided=None)


def kind_and_reason(number: Comparison, wrong: Kind | None) -> tuple[Kind, Reason | None]:
    """Return the kind of a number, ``wrong`` if it is proved wrong, and the reason if undecided.

    At a kink a number that is not proved wrong is accepted, and not proved.
    """
    if wrong is not None:
        return wrong, None
    reason = number.undecided
    if reason is not None:
        return Kind.UNDECIDED, reason
    return (Kind.AT_KINK if number.certified.at_kink else Kind.CORRECT), None


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
    if fault is not None and fault.is_recursion and certificate.case.expression.depth > SHALLOW:
        return Kind.DEPTH_LIMIT, None
    reason = _reason_to_stop(certificate)
    return (Kind.CRASH, None) if reason is None else (Kind.UNDECIDED, reason)


@lru_cache(maxsize=1)  # every number of a verdict asks
def _reason_to_stop(certificate: Certificate) -> Reason | None:
    """Return why a correct engine may have to raise an error at a case, ``None`` if it has not."""
    # Many engines compute local partials in the forward pass, and the gradients of constants too.
    certificate = certify(constants_as_inputs(certificate.case), certificate.precision)
    balls = (*certificate.values, *certificate.adjoints)
    if all(ball.in_range for ball in balls):
        return None
    return Reason.DOMAIN if any(ball.truth.is_nan() for ball in balls) else Reason.OVERFLOW
