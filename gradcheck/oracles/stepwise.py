"""Prove a run one step at a time, on the engine's own numbers.

A run is *faithful* if every step is: the value of each node is a faithful result of its operation
on the values that the engine had, and each adjoint a faithful sum of contributions from the
adjoints that the engine had. No error accumulates over the graph, so the proof does not depend on
how ill-conditioned the expression is, and a step that fails is the place to look at.

Most steps need only floats. What these cannot decide is decided by balls.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import product

from flint import arb, ctx

from gradcheck.expression import Apply, Case, Constant, Expression
from gradcheck.operations import Operation
from gradcheck.oracles import floats
from gradcheck.oracles.arithmetic import OUT_OF_RANGE, Rounded, rounded
from gradcheck.oracles.certificate import FIRST_BITS, true_result
from gradcheck.oracles.contributions import Rule, in_floats
from gradcheck.oracles.kinks import sides_differ
from gradcheck.oracles.sweep import contribution, other_formulas
from gradcheck.oracles.symbolic import may_have_kinks
from gradcheck.precision import Precision

_EXPRESSIONS_KEPT = 256

_FAR_FROM_UNDERFLOW = 2.0**-900
"""Sizes from which on a share of u, u/8 included, is a normal number in float64."""


@dataclass(frozen=True, slots=True)
class UnprovedStep:
    """The value, or the adjoint, of the node at a position."""

    position: int
    is_adjoint: bool


@dataclass(frozen=True, slots=True)
class _Application:
    """An operation: where it stands, and the float result if IEEE 754 determines that."""

    position: int
    operation: Operation
    operands: tuple[int, ...]
    roundings: int
    result: floats.FloatFunction | None


@dataclass(frozen=True, slots=True)
class _Use:
    """A node's use as an operand: the formulas for what the operation adds to its adjoint.

    ``arguments`` are the positions of the operands and of the result. ``has_kinks`` is true if the
    operation has a kink somewhere.
    """

    position: int
    arguments: tuple[int, ...]
    rule: Rule
    formulas: tuple[floats.FloatOfInputs, ...]
    has_kinks: bool


@dataclass(frozen=True, slots=True)
class _Plan:
    """The operations that the output depends on, and the uses of each node with an adjoint."""

    applications: tuple[_Application, ...]
    uses: tuple[tuple[int, tuple[_Use, ...]], ...]


Reading = tuple[float | None, float | None]
"""The value and the adjoint of a node; ``None`` for a number that the engine does not show."""


def unproved_steps(
    case: Case, readings: Sequence[Reading], precision: Precision
) -> Iterator[UnprovedStep]:
    """Yield the steps of a run that are not proved: values first, then adjoints from the output on.

    There is a reading for every node. A number that the engine does not show is not proved.
    """
    plan = _plan(case.expression, precision)
    prover = _Prover(case.expression, readings, precision)
    for application in plan.applications:
        if not prover.proves_value(application):
            yield UnprovedStep(application.position, is_adjoint=False)
    for position, uses in plan.uses:
        if not prover.proves_adjoint(position, uses):
            yield UnprovedStep(position, is_adjoint=True)


@lru_cache(maxsize=_EXPRESSIONS_KEPT)
def _plan(expression: Expression, precision: Precision) -> _Plan:
    applications: list[_Application] = []
    uses: dict[int, list[_Use]] = {}
    for position, node in enumerate(expression.nodes):
        if isinstance(node, Constant) or not expression.used[position]:
            continue
        uses[position] = []
        if isinstance(node, Apply):
            name, operands = node.operation.name, node.operands
            is_determined = name in floats.CORRECTLY_ROUNDED
            result = floats.in_floats(name, precision) if is_determined else None
            roundings = precision.roundings(node.operation)
            applications.append(_Application(position, node.operation, operands, roundings, result))
            variables = operands[: node.operation.variables]
            for index, operand in enumerate(variables):
                if operand in uses:
                    parameters = expression.parameters(node)
                    rule = Rule(node.operation, parameters, index)
                    use = _Use(
                        position,
                        (*variables, position),
                        rule,
                        in_floats(rule, precision),
                        may_have_kinks(node.operation, parameters),
                    )
                    uses[operand].append(use)
    return _Plan(tuple(applications), tuple((i, tuple(uses[i])) for i in reversed(uses)))


class _Prover:
    """The numbers of a run, and the rules to prove its steps by."""

    def __init__(
        self, expression: Expression, readings: Sequence[Reading], precision: Precision
    ) -> None:
        self._output = expression.output
        self._precision = precision
        # A NaN, which proves nothing, stands for a number that the engine does not show.
        self._values = [math.nan if x is None else x for x, _ in readings]
        self._adjoints = [math.nan if x is None else x for _, x in readings]

    def proves_value(self, step: _Application) -> bool:
        """Tell whether a value is a faithful result of its operation on the engine's operands.

        A correctly rounded operation returns the float result, bit for bit, infinities included.
        If the operation may lose more than one rounding, the value has to be within that of the
        true result.
        """
        value = self._values[step.position]
        operands = [self._values[i] for i in step.operands]
        if step.result is not None:
            if step.result(*operands) == value:
                return True
            if self._precision.rounds_once and step.roundings <= 1:
                return False
        if not all(map(math.isfinite, (value, *operands))):
            return False
        true = true_result(step.operation, operands)
        with ctx.workprec(FIRST_BITS):
            allowed = self._rounded.round(true, step.roundings)
            # A NaN, which stands for no number or no bound, contains every number.
            return bool(allowed.is_finite() and allowed.contains(arb(value)))

    def proves_adjoint(self, position: int, uses: Sequence[_Use]) -> bool:
        """Tell whether an adjoint is a faithful sum of contributions; that of the output is 1.

        At a kink nothing is proved: only the two partials of an operation together show whether the
        engine has taken a side.
        """
        adjoint = self._adjoints[position]
        if position == self._output:
            return adjoint == 1.0
        if not math.isfinite(adjoint) or any(map(self._is_at_a_kink, uses)):
            return False
        return self._proves_in_floats(adjoint, uses) or self._proves_in_balls(adjoint, uses)

    def _is_at_a_kink(self, use: _Use) -> bool:
        if not use.has_kinks or self._adjoints[use.position] == 0.0:
            return False
        arguments = [arb(self._values[i]) for i in use.arguments]
        return sides_differ(use.rule.operation, use.rule.parameters, arguments)

    def _proves_in_floats(self, adjoint: float, uses: Sequence[_Use]) -> bool:
        """Compare bit for bit with sums of one or two terms; see ``is_a_sum`` for longer ones."""
        nearest = self._precision.nearest
        match uses:
            case [use]:
                return adjoint in self._contributions(use)
            case [use, other]:
                pairs = product(self._contributions(use), self._contributions(other))
                return any(nearest(x + y) == adjoint for x, y in pairs)
        terms = [next(self._contributions(use), math.nan) for use in reversed(uses)]
        from_the_output_on = reduce(lambda x, y: nearest(x + y), terms)
        return from_the_output_on == adjoint or is_a_sum(adjoint, terms, self._precision)

    def _contributions(self, use: _Use) -> Iterator[float]:
        """Return what an engine adds by each formula, computed one by one in floats."""
        values = self._values
        numbers = (self._adjoints[use.position], *[values[i] for i in use.arguments])
        return (formula(numbers) for formula in use.formulas)

    def _proves_in_balls(self, adjoint: float, uses: Sequence[_Use]) -> bool:
        with ctx.workprec(FIRST_BITS):
            total = self._rounded.add([self._enclosure(use) for use in uses])
            return bool(total.is_finite() and total.contains(arb(adjoint)))

    def _enclosure(self, use: _Use) -> arb:
        """Enclose a contribution by every formula that stays in range, a NaN if none does.

        Each of these encloses the true contribution, so their hull holds nothing else.
        """
        g = arb(self._adjoints[use.position])
        arguments = [arb(self._values[i]) for i in use.arguments]
        balls = [contribution(use.rule, g, arguments, self._rounded)]
        balls += [f(g, arguments) for f in other_formulas(use.rule, self._rounded)]
        finite = [ball for ball in balls if ball.is_finite()]
        return reduce(arb.union, finite, finite[0]) if finite else OUT_OF_RANGE

    @property
    def _rounded(self) -> Rounded:
        return rounded(self._precision)


def is_a_sum(number: float, terms: Sequence[float], precision: Precision) -> bool:
    """Tell whether a number may be the sum of n >= 3 floats, added in any order.

    The error of such a sum is at most ``(n - 1)u/(1 - (n - 1)u)`` times the sum T of the sizes
    (Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, section 4.2), which is
    more than ``(n - 1)uT``. In float64, with v = 2**-53 <= u, ``fsum`` gives the exact sum S within
    v|S| <= vT and T within vT. So if the computed distance from S is at most
    ``(n - 2)uT(1 - 8v)``, also computed, then the true distance is at most

        (n - 2)uT(1 - 8v)(1 + v)**4/(1 - v) + vT <= (n - 2)uT + uT = (n - 1)uT.

    The four roundings are those of T, of the two products and of the difference. A ``False`` proves
    nothing: balls are to be asked.

    >>> from gradcheck.precision import FLOAT64
    >>> is_a_sum(0.6, [0.1, 0.2, 0.3], FLOAT64), is_a_sum(0.61, [0.1, 0.2, 0.3], FLOAT64)
    (True, False)
    """
    try:
        total, sizes = math.fsum(terms), math.fsum(map(abs, terms))
    except (OverflowError, ValueError):
        return False
    if not _FAR_FROM_UNDERFLOW < sizes < precision.largest / 2.0:
        return False
    share = (len(terms) - 2) * precision.unit_roundoff
    return abs(number - total) <= share * sizes * (1.0 - 2.0**-50)
