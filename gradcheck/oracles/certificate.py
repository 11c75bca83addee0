"""What is proved of a case: the true value and adjoint of every node, and the allowed errors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import overload

from flint import arb, ctx

from gradcheck.expression import Case
from gradcheck.operations import Operation
from gradcheck.oracles.arithmetic import EXACT, rounded
from gradcheck.oracles.sweep import adjoints, values
from gradcheck.oracles.symbolic import definition, evaluate, whole_formula
from gradcheck.precision import FLOAT64, Precision

FIRST_BITS = 128
LAST_BITS = 1024
"""A derivative of tanh needs about 2.9 bits per unit of x, so the last covers |x| < 320."""

_SHARP_BITS = 53 + 11
"""Relative accuracy, in bits, of an enclosure that is far narrower than a float64's rounding."""


class OracleDisagreementError(AssertionError):
    """Two symbolic routes exclude each other: a bug in the harness, no word on the engine."""


@dataclass(frozen=True, slots=True)
class Certified:
    """One number, proved.

    ``truth`` encloses it; at a kink, where each side has a derivative of its own, it holds all that
    is between them, and outside of an operation's domain a NaN. ``rounded`` encloses everything
    that a faithful engine of that ``precision`` may return for it, and holds a NaN where rounding
    can take an intermediate result out of the format's range, or out of a domain.

    What follows from these: ``in_range``, whether there is a bound, as no intermediate result can
    leave the range or a domain; ``at_kink``, whether the truth is a range of numbers, as rounding
    adds less to it than it is wide; ``centre``, what distances are measured from, the truth or the
    middle of it at a kink; ``allowed_error``, how far from it a faithful engine's result can be, at
    most.
    """

    truth: arb
    rounded: arb
    precision: Precision = FLOAT64
    in_range: bool = field(init=False)
    at_kink: bool = field(init=False)
    centre: arb = field(init=False)
    allowed_error: arb = field(init=False)

    def __post_init__(self) -> None:
        truth, rounded = self.truth, self.rounded
        centre, allowed_error = truth, (rounded - truth).abs_upper()
        at_kink = False
        # Where that is far more than the truth is wide, it need not be asked more exactly.
        if not allowed_error > 4 * truth.rad():
            at_kink = bool(2 * truth.rad() > (rounded - truth.mid()).abs_upper())
        if at_kink:
            centre = truth.mid()
            allowed_error = (rounded - centre).abs_upper()
        derive = object.__setattr__
        derive(self, "in_range", rounded.is_finite() and not truth.is_nan())
        derive(self, "at_kink", at_kink)
        derive(self, "centre", centre)
        derive(self, "allowed_error", allowed_error)


@dataclass(frozen=True, slots=True, eq=False)
class CertifiedNumbers(Sequence[Certified]):
    """A proved number for each node; most are never looked at.

    Raises ``OracleDisagreementError`` for one whose truth no faithful engine may come close to.
    """

    truths: Sequence[arb]
    rounded: Sequence[arb]
    precision: Precision
    _known: dict[int, Certified] = field(init=False, repr=False, default_factory=dict)

    def __len__(self) -> int:
        return len(self.truths)

    @overload
    def __getitem__(self, position: int) -> Certified: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[Certified]: ...
    def __getitem__(self, position: int | slice) -> Certified | Sequence[Certified]:
        if isinstance(position, slice):
            return [self[i] for i in range(*position.indices(len(self)))]
        certified = self._known.get(position)
        if certified is None:
            truth, rounded = self.truths[position], self.rounded[position]
            if rounded.is_finite() and truth.is_finite() and not rounded.overlaps(truth):
                message = (
                    f"node {position} is {truth}, which {rounded} for a faithful engine excludes: "
                    "has an operation partials that are not those of its definition?"
                )
                raise OracleDisagreementError(message)
            certified = self._known[position] = Certified(truth, rounded, self.precision)
        return certified


@dataclass(frozen=True)  # no slots: cached_property keeps its results in __dict__
class Certificate:
    """The proved numbers of a case, one per node.

    They are worked out when they are asked for: what a faithful engine may return first, and what
    is true only where that does not decide.
    """

    case: Case
    precision: Precision

    def __reduce__(self) -> tuple[type[Certificate], tuple[Case, Precision]]:
        # Without what is worked out: another process can do so itself.
        return Certificate, (self.case, self.precision)

    @property
    def is_of_one_derivative(self) -> bool:
        """Whether what is faithful comes of the same derivatives as the truth.

        If not, an operation has partials of its own, and what is faithful need not hold the truth.
        """
        return not any(o.partials for o in self.case.expression.operations)

    @cached_property
    def faithful_values(self) -> list[arb]:
        """Enclosures of what a faithful engine may return for the values."""
        with ctx.workprec(FIRST_BITS):
            inputs = [arb(number) for number in self.case.point]
            return values(self.case.expression, inputs, rounded(self.precision))

    @cached_property
    def faithful_adjoints(self) -> list[arb]:
        """The same for the adjoints."""
        with ctx.workprec(FIRST_BITS):
            return adjoints(self.case.expression, self.faithful_values, rounded(self.precision))

    @cached_property
    def values(self) -> CertifiedNumbers:
        """The values, proved."""
        return CertifiedNumbers(self._truth.values, self.faithful_values, self.precision)

    @cached_property
    def adjoints(self) -> CertifiedNumbers:
        """The adjoints, proved."""
        return CertifiedNumbers(self._truth.adjoints, self.faithful_adjoints, self.precision)

    @property
    def working_bits(self) -> int:
        """The working precision that the truth took."""
        return self._truth.working_bits

    @cached_property
    def _truth(self) -> _Truth:
        """The working precision doubles until the output and the gradient are sharp.

        Or to ``LAST_BITS``: an exact zero that comes of a cancellation is never sharp, nor is a
        derivative at a kink.
        """
        expression, inputs = self.case.expression, [arb(number) for number in self.case.point]
        bits = FIRST_BITS
        while True:
            with ctx.workprec(bits):
                true_values = values(expression, inputs, EXACT)
                true_adjoints = adjoints(expression, true_values, EXACT)
            gradient = true_adjoints[: len(inputs)]
            if bits == LAST_BITS or _all_sharp([true_values[expression.output], *gradient]):
                return _Truth(bits, true_values, true_adjoints)
            bits *= 2


@dataclass(frozen=True, slots=True)
class _Truth:
    working_bits: int
    values: list[arb]
    adjoints: list[arb]


def certify(case: Case, precision: Precision = FLOAT64) -> Certificate:
    """Enclose the value and the adjoint of every node, and bound what rounding can do to them.

    The numbers of the case are ones that ``precision`` holds.
    """
    return Certificate(case, precision)


def _all_sharp(balls: Iterable[arb]) -> bool:
    # A NaN may be an operation outside of its domain, or an operand that is not sharp yet.
    return all(ball.rel_accuracy_bits() >= _SHARP_BITS and not ball.is_nan() for ball in balls)


def true_result(operation: Operation, operands: Sequence[float]) -> arb:
    """Enclose the result of an operation on numbers; a NaN where there is none."""
    variable = operation.variables
    function = definition(operation, tuple(operands[variable:]))
    with ctx.workprec(FIRST_BITS):
        return function([arb(number) for number in operands[:variable]])


def require_agreement(case: Case, certificate: Certificate) -> bool:
    """Differentiate the whole formula too, and compare; whether it was small enough for that.

    Raises ``OracleDisagreementError`` when a derivative of the whole formula and the chained one
    do not overlap.
    """
    functions = whole_formula(case.expression)
    if functions is None:
        return False
    with ctx.workprec(certificate.working_bits):
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
