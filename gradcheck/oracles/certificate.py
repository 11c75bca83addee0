"""Certify a case: enclose the value and adjoint of every node, and bound the allowed errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import overload

from flint import arb, ctx

from gradcheck.expression import Apply, Case
from gradcheck.operations import Operation
from gradcheck.oracles.arithmetic import EXACT, rounded
from gradcheck.oracles.balls import Side
from gradcheck.oracles.floats import value_in_floats
from gradcheck.oracles.kinks import adjoints_at_kinks, has_two_sides, is_a_choice_of_sides, kinks
from gradcheck.oracles.overflow import overflow_of_value, overflowed_adjoints
from gradcheck.oracles.own_rows import require_true_formulas
from gradcheck.oracles.rows import require_true_rows
from gradcheck.oracles.sweep import adjoints, values
from gradcheck.oracles.symbolic import (
    definition,
    evaluate,
    partials_are_derivatives,
    whole_formula,
)
from gradcheck.precision import FLOAT64, Precision

FIRST_BITS = 128
LAST_BITS = 1024
"""A derivative of tanh needs about 2.9 bits per unit of x, so this covers |x| < 320."""

SHARP_BITS = 53 + 11
"""Relative accuracy, in bits, of a sharp enclosure: far narrower than a float64's rounding."""


class OracleDisagreementError(AssertionError):
    """Two symbolic routes contradict each other: a bug in the harness, not in the engine."""


@dataclass(frozen=True, slots=True)
class Certified:
    """One number with its enclosures.

    ``truth`` encloses the true number. At a kink, where the sides have different derivatives, it
    contains all numbers between these. Outside of an operation's domain it is NaN. ``faithful``
    encloses everything that a faithful engine of that ``precision`` may return. It is NaN where
    rounding can take an intermediate result out of the format's range, or out of a domain.

    ``overflow`` is the infinity that a faithful engine returns where all of its numbers are beyond
    the largest float, and 0.0 everywhere else.

    Four attributes follow from these. ``in_range`` is true if there is a bound: no intermediate
    result can leave the range or a domain. ``at_kink`` is true if the truth is a range of numbers:
    rounding adds less to it than its width. ``centre`` is the number from which errors are
    measured: the truth, or its middle at a kink. ``allowed_error`` is the largest distance from it
    that a faithful engine's number can have.
    """

    truth: arb
    faithful: arb
    precision: Precision = FLOAT64
    overflow: float = 0.0
    in_range: bool = field(init=False)
    at_kink: bool = field(init=False)
    centre: arb = field(init=False)
    allowed_error: arb = field(init=False)

    def __post_init__(self) -> None:
        truth, faithful = self.truth, self.faithful
        centre, allowed_error = truth, (faithful - truth).abs_upper()
        at_kink = False
        # A bound far wider than the truth rules out a kink without the exact comparison.
        if not allowed_error > 4 * truth.rad():
            at_kink = bool(2 * truth.rad() > (faithful - truth.mid()).abs_upper())
        if at_kink:
            centre = truth.mid()
            allowed_error = (faithful - centre).abs_upper()
        derive = object.__setattr__
        derive(self, "in_range", faithful.is_finite() and not truth.is_nan())
        derive(self, "at_kink", at_kink)
        derive(self, "centre", centre)
        derive(self, "allowed_error", allowed_error)


@dataclass(frozen=True, slots=True, eq=False)
class CertifiedNumbers(Sequence[Certified]):
    """A certified number for each node, made on demand.

    Raises ``OracleDisagreementError`` where the two enclosures of a number do not overlap.
    """

    truths: Sequence[arb]
    faithful: Sequence[arb]
    precision: Precision
    overflow_at: Callable[[int], float]
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
            truth, faithful = self.truths[position], self.faithful[position]
            if faithful.is_finite() and truth.is_finite() and not faithful.overlaps(truth):
                message = (
                    f"node {position} is {truth}, but a faithful engine returns {faithful}: "
                    "check whether the partials of each operation match its definition"
                )
                raise OracleDisagreementError(message)
            overflow = 0.0 if faithful.is_finite() else self.overflow_at(position)
            certified = Certified(truth, faithful, self.precision, overflow)
            self._known[position] = certified
        return certified


@dataclass(frozen=True)  # no slots: cached_property keeps its results in __dict__
class Certificate:
    """The certified numbers of a case, one per node.

    They are computed on demand: first the enclosures of a faithful engine's numbers, and then those
    of the true numbers, only where the first do not decide.
    """

    case: Case
    precision: Precision

    def __reduce__(self) -> tuple[type[Certificate], tuple[Case, Precision]]:
        # Without the cached results, which another process can compute itself.
        return Certificate, (self.case, self.precision)

    @cached_property
    def has_true_partials(self) -> bool:
        """Whether every operation's partials are proved to be the derivatives of its definition.

        If not, the enclosures of a faithful engine's numbers need not contain the true ones.
        """
        expression = self.case.expression
        return all(
            partials_are_derivatives(node.operation, expression.parameters(node))
            for node in expression.nodes
            if isinstance(node, Apply) and node.operation.partials is not None
        )

    @cached_property
    def value_in_floats(self) -> float:
        """The value that float operations give, NaN if an operation is not in floats."""
        return value_in_floats(self.case, self.precision)

    @cached_property
    def faithful_values(self) -> list[arb]:
        """Enclosures of the values that a faithful engine may return."""
        with ctx.workprec(FIRST_BITS):
            inputs = [arb(number) for number in self.case.point]
            return values(self.case.expression, inputs, rounded(self.precision))

    @cached_property
    def faithful_adjoints(self) -> list[arb]:
        """Enclosures of the adjoints that a faithful engine may return."""
        with ctx.workprec(FIRST_BITS):
            return adjoints(self.case.expression, self.faithful_values, rounded(self.precision))

    @cached_property
    def usual_adjoints(self) -> list[arb]:
        """Enclosures of the adjoints that an engine may return by the formulas of the derivatives.

        They enclose the true ones too, and are faster to compute than those by all formulas.
        """
        with ctx.workprec(FIRST_BITS):
            return adjoints(
                self.case.expression,
                self.faithful_values,
                rounded(self.precision),
                by_all_formulas=False,
            )

    @cached_property
    def values(self) -> CertifiedNumbers:
        """The certified values."""
        return CertifiedNumbers(
            self._truth.values, self.faithful_values, self.precision, self._overflow_of_value
        )

    @cached_property
    def adjoints(self) -> CertifiedNumbers:
        """The certified adjoints. Raises ``RowError`` for an operation whose row is wrong."""
        if not self.has_true_partials:
            with ctx.workprec(self.working_bits):
                require_true_rows(self.case, self._truth.values, rounded(self.precision))
        return CertifiedNumbers(
            self._truth.adjoints,
            self._faithful_adjoints_at_kinks,
            self.precision,
            lambda position: self._overflowed_adjoints[position],
        )

    @cached_property
    def near_kinks(self) -> tuple[int, ...]:
        """The positions of the nodes that a faithful engine may have at a kink."""
        with ctx.workprec(FIRST_BITS):
            return kinks(self.case.expression, self.faithful_values)

    @property
    def kinks(self) -> tuple[int, ...]:
        """The positions of the nodes that are at a kink."""
        return self._truth.kinks

    def allows_shares(self, gradient: Sequence[float]) -> bool:
        """Tell whether an engine can have this gradient by taking sides at a kink.

        Several nodes at a kink allow too many choices to exclude all of them, and so does a node
        with more than two operands, which can be divided in more ways than between two sides.
        """
        if len(self.kinks) != 1 or not has_two_sides(self.case.expression, self.kinks):
            return True
        below, above = map(self._adjoints_on, (Side.BELOW, Side.ABOVE))
        inputs = len(gradient)
        return is_a_choice_of_sides(gradient, below[:inputs], above[:inputs])

    def _adjoints_on(self, side: Side) -> list[arb]:
        """Enclose the adjoints that a faithful engine may return if it takes one side of a kink."""
        sides = tuple((position, side) for position in self.kinks)
        with ctx.workprec(FIRST_BITS):
            return adjoints(
                self.case.expression, self.faithful_values, rounded(self.precision), sides=sides
            )

    @cached_property
    def _faithful_adjoints_at_kinks(self) -> list[arb]:
        """The same as ``faithful_adjoints``, but no wider than it has to be at a kink."""
        expression, arithmetic = self.case.expression, rounded(self.precision)
        if not self.near_kinks:
            return self.faithful_adjoints
        with ctx.workprec(FIRST_BITS):
            return adjoints_at_kinks(expression, self.faithful_values, arithmetic, self.near_kinks)

    def _overflow_of_value(self, position: int) -> float:
        with ctx.workprec(FIRST_BITS):
            return overflow_of_value(
                self.case.expression, position, self.faithful_values, self.precision
            )

    @cached_property
    def _overflowed_adjoints(self) -> list[float]:
        with ctx.workprec(FIRST_BITS):
            return overflowed_adjoints(self.case.expression, self.faithful_values, self.precision)

    @property
    def working_bits(self) -> int:
        """The working precision at which the truth was computed, in bits."""
        return self._truth.working_bits

    @cached_property
    def _truth(self) -> _Truth:
        """The true numbers, at a precision that doubles until output and gradient are sharp.

        It ends at ``LAST_BITS``, as an exact zero that results from cancellation is never sharp,
        and neither is a derivative at a kink.
        """
        expression, inputs = self.case.expression, [arb(number) for number in self.case.point]
        bits = FIRST_BITS
        while True:
            with ctx.workprec(bits):
                true_values = values(expression, inputs, EXACT)
                at = kinks(expression, true_values)
                true_adjoints = adjoints_at_kinks(expression, true_values, EXACT, at)
            gradient = true_adjoints[: len(inputs)]
            if bits == LAST_BITS or _all_sharp([true_values[expression.output], *gradient]):
                return _Truth(bits, true_values, true_adjoints, at)
            bits *= 2


@dataclass(frozen=True, slots=True)
class _Truth:
    working_bits: int
    values: list[arb]
    adjoints: list[arb]
    kinks: tuple[int, ...]


def certify(case: Case, precision: Precision = FLOAT64) -> Certificate:
    """Return enclosures of the value and the adjoint of every node, with rounding bounds.

    The numbers of the case have to be representable in ``precision``. Raises ``RowError`` for an
    operation of the user's own whose formulas contradict its definition.
    """
    require_true_formulas(case.expression)
    return Certificate(case, precision)


def _all_sharp(balls: Iterable[arb]) -> bool:
    # A NaN may be an operation outside of its domain, or an operand that is not sharp yet.
    return all(ball.rel_accuracy_bits() >= SHARP_BITS and not ball.is_nan() for ball in balls)


def true_result(operation: Operation, operands: Sequence[float]) -> arb:
    """Enclose the result of an operation on numbers; NaN outside of its domain."""
    variable = operation.variables
    function = definition(operation, tuple(operands[variable:]))
    with ctx.workprec(FIRST_BITS):
        return function([arb(number) for number in operands[:variable]])


def require_agreement(case: Case, certificate: Certificate) -> bool:
    """Compare the gradient with the derivatives of the whole formula, unless that is too large.

    Return whether they were compared. Raises ``OracleDisagreementError`` where a derivative of the
    whole formula and the chained one do not overlap.
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
                f"the derivative with respect to {name} is {whole} from the whole formula "
                f"but {chained.truth} chained over the graph, in {case}"
            )
            raise OracleDisagreementError(message)
    return True
