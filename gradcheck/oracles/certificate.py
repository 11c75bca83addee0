"""What is proved of a case: the true value and adjoint of every node, and the allowed errors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flint import arb, ctx

from gradcheck.expression import Case
from gradcheck.oracles.arithmetic import EXACT, ROUNDED
from gradcheck.oracles.sweep import adjoints, values
from gradcheck.oracles.symbolic import evaluate, whole_formula

FIRST_PRECISION = 128
LAST_PRECISION = 1024
"""Bits. A derivative of tanh needs about 2.9 bits per unit of x, so the last covers |x| < 320."""

_SHARP_BITS = 53 + 11
"""Relative accuracy, in bits, of an enclosure that is far narrower than a float64's rounding."""


class OracleDisagreementError(AssertionError):
    """The two symbolic routes exclude each other: a bug in the harness, no word on the engine."""


@dataclass(frozen=True, slots=True)
class Certified:
    """One number, proved.

    ``truth`` encloses it. ``rounded`` encloses everything that a faithful engine may return for
    it, and holds a NaN where an intermediate result can leave the range of float64.
    """

    truth: arb
    rounded: arb

    @property
    def in_range(self) -> bool:
        """Whether no intermediate result can leave the range of float64."""
        return bool(self.rounded.is_finite())

    @property
    def allowed_error(self) -> arb:
        """How far from the truth a faithful engine's result can be, at most."""
        return (self.rounded - self.truth).abs_upper()


@dataclass(frozen=True, slots=True)
class Certificate:
    """The proved numbers of a case, one per node, at the precision in bits that it took."""

    precision: int
    values: tuple[Certified, ...]
    adjoints: tuple[Certified, ...]


def certify(case: Case) -> Certificate:
    """Enclose the value and the adjoint of every node, and bound what rounding can do to them.

    The working precision doubles until the output and the gradient are sharp, or to
    ``LAST_PRECISION``: an exact zero that comes of a cancellation is never sharp.
    """
    expression = case.expression
    inputs = [arb(number) for number in case.point]
    with ctx.workprec(FIRST_PRECISION):
        rounded_values = values(expression, inputs, ROUNDED)
        rounded_adjoints = adjoints(expression, rounded_values, ROUNDED)
    precision = FIRST_PRECISION
    while True:
        with ctx.workprec(precision):
            true_values = values(expression, inputs, EXACT)
            true_adjoints = adjoints(expression, true_values, EXACT)
        gradient = true_adjoints[: len(inputs)]
        if precision == LAST_PRECISION or _all_sharp([true_values[expression.output], *gradient]):
            break
        precision *= 2
    return Certificate(
        precision=precision,
        values=tuple(map(Certified, true_values, rounded_values)),
        adjoints=tuple(map(Certified, true_adjoints, rounded_adjoints)),
    )


def _all_sharp(balls: Iterable[arb]) -> bool:
    return all(ball.rel_accuracy_bits() >= _SHARP_BITS for ball in balls)


def require_agreement(case: Case, certificate: Certificate) -> bool:
    """Differentiate the whole formula too, and compare; whether it was small enough for that.

    Raises ``OracleDisagreementError`` when a derivative of the whole formula and the chained one
    do not overlap.
    """
    functions = whole_formula(case.expression)
    if functions is None:
        return False
    with ctx.workprec(certificate.precision):
        gradient = evaluate(functions, case.point)
    for name, whole, chained in zip(
        case.expression.inputs, gradient, certificate.adjoints, strict=False
    ):
        if not whole.overlaps(chained.truth):
            message = (
                f"the derivative by {name} is {whole} from the whole formula "
                f"but {chained.truth} chained over the graph, in {case}"
            )
            raise OracleDisagreementError(message)
    return True
