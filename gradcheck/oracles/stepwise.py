"""Prove a run one step at a time, on the engine's own numbers.

A run is *faithful* if every step is: the value of each node is a faithful result of its operation
on the values that the engine had, and each adjoint a faithful sum of contributions from the
adjoints that the engine had. No error accumulates over the graph, so the proof does not depend on
how ill-conditioned the expression is, and a step that fails is the place to look at.

Most steps need only floats. What these cannot decide is decided by balls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import product

from flint import arb, ctx

from gradcheck.expression import Apply, Case, Constant, Expression
from gradcheck.operations import Operation
from gradcheck.oracles import floats
from gradcheck.oracles.arithmetic import OUT_OF_RANGE, Rounded, rounded
from gradcheck.oracles.balls import Function
from gradcheck.oracles.certificate import FIRST_BITS
from gradcheck.oracles.contributions import Rule, in_floats
from gradcheck.oracles.floats import FloatFunction, FloatOfInputs, addition
from gradcheck.oracles.kinks import sides_differ
from gradcheck.oracles.sweep import contribution, other_formulas, picked
from gradcheck.oracles.symbolic import composed, definition, may_have_kinks
from gradcheck.precision import Precision

_EXPRESSIONS_KEPT = 256
_RULES_KEPT = 4096

_SUMS_IN_ONE_ORDER = 2
"""Terms up to which the order of a sum makes no difference."""

_FAR_FROM_UNDERFLOW = 2.0**-900
"""Sizes from which on a share of u, u/8 included, is a normal number in float64."""


@dataclass(frozen=True, slots=True)
class UnprovedStep:
    """The value, or the adjoint, of the node at a position."""

    position: int
    is_adjoint: bool


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules for an operation: a faithful result, and the contributions to its operands.

    ``result`` is the float result if IEEE 754 determines that. ``true`` encloses the true result,
    from which a value may be off by ``roundings``, so also by a ``share`` of itself; see
    ``safe_share``. ``formulas`` has those for each operand.
    """

    operation: Operation
    parameters: tuple[float, ...]
    result: FloatFunction | None
    true: Function
    roundings: int
    share: float
    formulas: tuple[list[FloatOfInputs], ...]


Pick = Callable[[Sequence[float]], tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class _Application:
    """An operation; ``pick`` returns the numbers of the operands without parameters."""

    position: int
    pick: Pick
    rules: _Rules


@dataclass(frozen=True, slots=True)
class _Use:
    """A node's use as an operand; ``pick`` returns the numbers of all operands and the result."""

    position: int
    pick: Pick
    formulas: list[FloatOfInputs]
    rules: _Rules
    operand: int


@dataclass(frozen=True, slots=True)
class _Sum:
    """The adjoint of a node, the sum of what its uses add, from the output on."""

    position: int
    uses: tuple[_Use, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """The steps of a run, of nodes that the output depends on, and the addition of the format."""

    output: int
    applications: tuple[_Application, ...]
    sums: tuple[_Sum, ...]
    add: FloatFunction
    precision: Precision


ValueAndAdjoint = tuple[float | None, float | None]
"""The value and the adjoint of a node; ``None`` for a number that the engine does not show."""


def unproved_steps(
    case: Case, readings: Sequence[ValueAndAdjoint], precision: Precision
) -> Iterator[UnprovedStep]:
    """Yield the steps of a run that are not proved: values first, then adjoints from the output on.

    There is a reading for every node. A number that the engine does not show is not proved, and
    neither is the adjoint of an operand at a kink, where any number between two is accepted.

    Each step is compared with floats first, bit for bit: with the float result of the operation,
    and with the sum of contributions by the formulas that explained an engine's before, added from
    the output on. Only what differs is looked at more closely.
    """
    plan = _plan(case.expression, precision)
    values, adjoints = map(_numbers, zip(*readings, strict=True))
    prover = _Prover(plan, values, adjoints)
    for step in plan.applications:
        result = step.rules.result
        is_float_result = result and result(*step.pick(values)) == values[step.position]
        if not (is_float_result or prover.proves_value(step)):
            yield UnprovedStep(step.position, is_adjoint=False)
    add = plan.add
    for node in plan.sums:
        total = 1.0 if node.position == plan.output else 0.0
        for use in node.uses:
            total = add(total, use.formulas[0]((adjoints[use.position], *use.pick(values))))
        is_float_sum = total == adjoints[node.position] and math.isfinite(total)
        if not (is_float_sum or prover.proves_adjoint(node)):
            yield UnprovedStep(node.position, is_adjoint=True)


def _numbers(shown: Sequence[float | None]) -> Sequence[float]:
    """Return numbers with a NaN, which proves nothing, for each that the engine does not show."""
    return [math.nan if x is None else x for x in shown]


@lru_cache(maxsize=_EXPRESSIONS_KEPT)
def _plan(expression: Expression, precision: Precision) -> _Plan:
    applications: list[_Application] = []
    uses: dict[int, list[_Use]] = {}
    for position, node in enumerate(expression.nodes):
        if isinstance(node, Constant) or not expression.used[position]:
            continue
        uses[position] = []
        if isinstance(node, Apply):
            rules = _rules(node.operation, expression.parameters(node), precision)
            variables = node.operands[: node.operation.variables]
            applications.append(_Application(position, picked(variables), rules))
            pick = picked((*variables, position))
            for index, operand in enumerate(variables):
                if operand in uses:
                    use = _Use(position, pick, rules.formulas[index], rules, index)
                    uses[operand].append(use)
    return _Plan(
        output=expression.output,
        applications=tuple(applications),
        sums=tuple(_Sum(position, tuple(uses[position][::-1])) for position in reversed(uses)),
        add=addition(precision),
        precision=precision,
    )


@lru_cache(maxsize=_RULES_KEPT)
def _rules(operation: Operation, parameters: tuple[float, ...], precision: Precision) -> _Rules:
    is_determined = operation.name in floats.DETERMINED
    return _Rules(
        operation=operation,
        parameters=parameters,
        result=floats.in_floats(operation, precision) if is_determined else None,
        true=definition(operation, parameters),
        roundings=precision.roundings(operation),
        share=safe_share(precision.roundings(operation), precision),
        formulas=tuple(
            in_floats(Rule(operation, parameters, index), precision)
            for index in range(operation.variables)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Prover:
    """The numbers of a run, and the rules to prove its steps by."""

    plan: _Plan
    values: Sequence[float]
    adjoints: Sequence[float]

    def proves_value(self, step: _Application) -> bool:
        """Tell whether a value is faithful that is not the float result of the engine's operands.

        A correctly rounded operation has no other one. If the operation may lose more than one
        rounding, the value has to be within that of the true result, or be what the definition
        gives step by step, where that is in use. Other formulas for a result are left to the sweep.
        """
        value, operands, rules = self.values[step.position], step.pick(self.values), step.rules
        rounds_once = self.plan.precision.rounds_once and rules.roundings <= 1
        if rules.result is not None and rounds_once:
            return False
        if not all(map(math.isfinite, (value, *operands))):
            return False
        arguments = list(map(arb, operands))
        if abs(rules.true(arguments) - value) <= rules.share * abs(value):
            return True
        with ctx.workprec(FIRST_BITS):
            operation, true = rules.operation, rules.true(arguments)
            allowed = [self._rounded.round(true, rules.roundings, operation.absolute_error)]
            if operation.is_composed:
                allowed.append(composed(operation, rules.parameters, self._rounded)(arguments))
            # A NaN, which stands for no number or no bound, contains every number.
            return any(ball.is_finite() and ball.contains(arb(value)) for ball in allowed)

    def proves_adjoint(self, node: _Sum) -> bool:
        """Tell whether an adjoint is a faithful sum of contributions; that of the output is 1."""
        adjoint = self.adjoints[node.position]
        if node.position == self.plan.output:
            return adjoint == 1.0
        if not math.isfinite(adjoint):
            return False
        return self._proves_in_floats(adjoint, node.uses) or self._proves_in_balls(
            adjoint, node.uses
        )

    def _proves_in_floats(self, adjoint: float, uses: Sequence[_Use]) -> bool:
        """Tell whether formulas in use give an adjoint, and put those that do so to the front."""
        contributions = [self._contributions(use) for use in uses]
        for choice in _choices(contributions):
            terms = [of_use[index] for of_use, index in zip(contributions, choice, strict=True)]
            if self._is_total(adjoint, terms):
                chosen = [
                    (use.formulas, use.formulas[i]) for use, i in zip(uses, choice, strict=True)
                ]
                for formulas, formula in chosen:
                    formulas.remove(formula)
                    formulas.insert(0, formula)
                return True
        return False

    def _contributions(self, use: _Use) -> list[float]:
        """Return what an engine adds by each formula."""
        numbers = (self.adjoints[use.position], *use.pick(self.values))
        return [formula(numbers) for formula in use.formulas]

    def _is_total(self, adjoint: float, terms: Sequence[float]) -> bool:
        """Compare bit for bit with sums of one or two terms; see ``is_a_sum`` for longer ones."""
        return reduce(self.plan.add, terms) == adjoint or (
            len(terms) > _SUMS_IN_ONE_ORDER and is_a_sum(adjoint, terms, self.plan.precision)
        )

    def _proves_in_balls(self, adjoint: float, uses: Sequence[_Use]) -> bool:
        with ctx.workprec(FIRST_BITS):
            total = self._rounded.add([self._enclosure(use) for use in uses])
            return bool(total.is_finite() and total.contains(arb(adjoint)))

    def _enclosure(self, use: _Use) -> arb:
        """Enclose a contribution by every formula with a sharp bound, a NaN if none has one.

        Each of these encloses the true contribution, so their hull holds nothing else. At a kink
        it is a NaN too, unless nothing is passed on there: only the two partials of an operation
        together show whether the engine has taken a side.
        """
        g = arb(self.adjoints[use.position])
        arguments = list(map(arb, use.pick(self.values)))
        operation, parameters = use.rules.operation, use.rules.parameters
        if may_have_kinks(operation, parameters) and sides_differ(operation, parameters, arguments):
            return g if g == 0 else OUT_OF_RANGE
        rule = Rule(operation, parameters, use.operand)
        balls: list[arb | None] = [contribution(rule, g, arguments, self._rounded)]
        balls += [f(g, arguments) for f in other_formulas(rule, self._rounded)]
        sharp = [ball for ball in balls if ball is not None and _is_sharp(ball)]
        return reduce(arb.union, sharp, sharp[0]) if sharp else OUT_OF_RANGE

    @property
    def _rounded(self) -> Rounded:
        return rounded(self.plan.precision)


def _is_sharp(ball: arb) -> bool:
    """Tell whether a ball is finite and less than a tenth of its numbers wide to either side.

    A formula with a step below the normal range may have a wider one, which would prove nothing.
    """
    return bool(ball.is_finite() and 11 * ball.rad() <= abs(ball.mid()))


def _choices(contributions: Sequence[Sequence[float]]) -> Iterable[Sequence[int]]:
    """Return choices of a contribution for each use: all of them for one or two uses.

    An engine uses one formula throughout, so for more uses the n-th of each is tried, for every n.
    """
    counts = list(map(len, contributions))
    if len(counts) <= _SUMS_IN_ONE_ORDER:
        return product(*map(range, counts))
    return ([min(n, count - 1) for count in counts] for n in range(max(counts)))


def safe_share(roundings: int, precision: Precision) -> float:
    """Return by how large a share of itself a result may differ from the true one.

    A result that may lose k roundings may be off by ku|t| for the true t. With
    |x - t| <= (k - 1)u|x| and |x| <= |t| + |x - t|, the distance is at most
    (k - 1)u|t|/(1 - (k - 1)u), which is less than ku|t| if 2k(k - 1)u <= 1. The rest is more than
    the rounding of the product. Below the normal range, where the product is off by half of the
    smallest subnormal at most, a result may be off by as much beyond ku|t|.
    """
    share = (roundings - 1) * precision.unit_roundoff
    return share if roundings > 0 and 2.0 * roundings * share <= 1.0 else 0.0


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
