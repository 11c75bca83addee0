"""Sweep over an expression in balls: forward for the values, backward for the adjoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import itemgetter
from typing import TypeVar

from flint import arb

from gradcheck.expression import Apply, Constant, Expression, Node
from gradcheck.operations import Operation
from gradcheck.oracles.arithmetic import EXACT, Arithmetic
from gradcheck.oracles.balls import Function, Side
from gradcheck.oracles.contributions import Rule, formulas, result_formulas
from gradcheck.oracles.symbolic import composed, definition, local_partials

_EXPRESSIONS_KEPT = 256
"""Expressions whose steps are cached, as each is swept several times, at several points."""

_RULES_KEPT = 4096

BallFormula = Callable[[arb, Sequence[arb]], arb | None]
"""A function of the upstream gradient, and of the operands followed by the result.

It returns ``None`` where it divides by exactly zero: no engine should use that formula there.
"""

T = TypeVar("T")

_ZERO = arb(0)
_ONE = arb(1)


@dataclass(frozen=True, slots=True)
class _Step:
    """An operation of an expression, prepared for sweeps.

    ``pick`` returns the values of the operands without parameters, given those of all nodes, and
    ``value`` the result for these.
    ``targets`` are the operands that are no constants, each as its position, the partial with
    respect to it, and the other formulas in use for the contribution. ``has_one_partial`` is true
    if there is only one.
    """

    position: int
    pick: Callable[[Sequence[arb]], tuple[arb, ...]]
    value: Function
    targets: tuple[tuple[int, Function | None, tuple[BallFormula, ...]], ...]
    has_one_partial: bool


Sides = tuple[tuple[int, Side], ...]
"""The side to take at each of some nodes, by position; everywhere else it is both sides."""


@lru_cache(maxsize=_EXPRESSIONS_KEPT)
def _steps(expression: Expression, arithmetic: Arithmetic, sides: Sides) -> tuple[_Step, ...]:
    """Return the operations of an expression in order."""
    side_at = dict(sides)
    return tuple(
        _step(expression, position, node, arithmetic, side_at.get(position, Side.BOTH))
        for position, node in enumerate(expression.nodes)
        if isinstance(node, Apply)
    )


def _step(
    expression: Expression, position: int, node: Apply, arithmetic: Arithmetic, side: Side
) -> _Step:
    operation, parameters = node.operation, expression.parameters(node)
    operands = node.operands[: operation.variables]
    partials = local_partials(operation, parameters, arithmetic, side)
    targets = tuple(
        (operand, partials[index], other_formulas(Rule(operation, parameters, index), arithmetic))
        for index, operand in enumerate(operands)
        if not isinstance(expression.nodes[operand], Constant)
    )
    return _Step(
        position=position,
        pick=picked(operands),
        value=result(operation, parameters, arithmetic),
        targets=targets,
        has_one_partial=len(targets) == 1,
    )


@lru_cache(maxsize=_RULES_KEPT)
def result(operation: Operation, parameters: tuple[float, ...], arithmetic: Arithmetic) -> Function:
    """Return an operation's result as a function of its operands without parameters.

    It encloses the results by all formulas in use, which in exact arithmetic are one.
    """
    if arithmetic is EXACT:
        return definition(operation, parameters)
    direct = _rounded(definition(operation, parameters), operation, arithmetic)
    in_use = result_formulas(operation, parameters)
    others = [formula_in_balls(formula, arithmetic) for formula in in_use]
    if operation.is_composed:
        others.append(composed(operation, parameters, arithmetic))
    if not others:
        return direct
    return lambda operands: _hull(direct(operands), [f(operands) for f in others])


def _hull(direct: arb, others: Iterable[arb | None]) -> arb:
    """Enclose the results of all formulas that have one."""
    return reduce(arb.union, (other for other in others if other is not None), direct)


def _rounded(exact: Function, operation: Operation, arithmetic: Arithmetic) -> Function:
    roundings, absolute = arithmetic.roundings(operation), operation.absolute_error
    if not (roundings or absolute):
        return exact
    return lambda operands: arithmetic.round(exact(operands), roundings, absolute)


def formula_in_balls(
    formula: Expression, arithmetic: Arithmetic, constants: Sequence[arb] = ()
) -> Callable[[Sequence[arb]], arb | None]:
    """Return a formula in use as a function of balls; its operations have no other formulas.

    It returns ``None`` where the formula divides by exactly zero. ``constants`` are the nodes after
    the inputs, if the constants among them are not to be exactly as they are written.
    """
    steps = tuple(
        (
            position,
            picked(node.operands[: node.operation.variables]),
            _rounded_value(node.operation, formula.parameters(node), arithmetic),
            node.operation.name == "/",
        )
        for position, node in enumerate(formula.nodes)
        if isinstance(node, Apply)
    )

    constants = constants or [*map(_constant, formula.nodes[len(formula.inputs) :])]

    def output(inputs: Sequence[arb]) -> arb | None:
        results = [*inputs, *constants]
        for position, pick, value, divides in steps:
            operands = pick(results)
            if divides and operands[1] == 0:
                return None
            results[position] = value(operands)
        return results[formula.output]

    return output


def _rounded_value(
    operation: Operation, parameters: tuple[float, ...], arithmetic: Arithmetic
) -> Function:
    if operation.name == "*":
        return lambda factors: arithmetic.multiply(factors[0], factors[1])  # by 1 it is a copy
    if operation.is_composed:
        return composed(operation, parameters, arithmetic)  # a sum or a product in any order
    return _rounded(definition(operation, parameters), operation, arithmetic)


def contribution(rule: Rule, g: arb, arguments: Sequence[arb], arithmetic: Arithmetic) -> arb:
    """Return the contribution by the formula of the derivative; ``g`` is the upstream gradient."""
    partial = local_partials(rule.operation, rule.parameters, arithmetic)[rule.index]
    return g if partial is None else arithmetic.multiply(g, partial(arguments))


@lru_cache(maxsize=_RULES_KEPT)
def other_formulas(rule: Rule, arithmetic: Arithmetic) -> tuple[BallFormula, ...]:
    """Return the formulas in use for a contribution that round otherwise than the derivative does.

    One of a single operation is the derivative itself, unless it may be computed step by step. In
    exact arithmetic all of them are.
    """
    if arithmetic is EXACT:
        return ()
    in_use = formulas(rule.operation, rule.parameters)[rule.index]
    return tuple(
        on_balls(formula, arithmetic)
        for formula in in_use
        if formula.size > 1 or any(operation.is_composed for operation in formula.operations)
    )


def on_balls(formula: Expression, arithmetic: Arithmetic) -> BallFormula:
    """Return the formula of a contribution as a function of balls."""
    output = formula_in_balls(formula, arithmetic)
    return lambda g, arguments: output((g, *arguments))


def _contribution(
    g: arb,
    partial: arb,
    arguments: Sequence[arb],
    others: Sequence[BallFormula],
    arithmetic: Arithmetic,
) -> arb:
    """Enclose what a step adds by the formula of the derivative, and by others."""
    by_formulas = arithmetic.multiply(g, partial)
    if others:
        by_formulas = _hull(by_formulas, [formula(g, arguments) for formula in others])
    return arithmetic.by_any_formula(by_formulas, g, partial)


def picked(operands: tuple[int, ...]) -> Callable[[Sequence[T]], tuple[T, ...]]:
    """Return a function that picks the numbers of the operands from those of all nodes."""
    if len(operands) == 1:
        [only] = operands
        return lambda values: (values[only],)
    return itemgetter(*operands)


def values(expression: Expression, inputs: Sequence[arb], arithmetic: Arithmetic) -> list[arb]:
    """Return the value of every node, given those of the inputs."""
    results = [*inputs, *map(_constant, expression.nodes[len(inputs) :])]
    for step in _steps(expression, arithmetic, ()):
        results[step.position] = step.value(step.pick(results))
    return results


def _constant(node: Node) -> arb:
    """Return the value of a constant, or zero for any other node."""
    return arb(node.value) if isinstance(node, Constant) else _ZERO


def adjoints(
    expression: Expression,
    values: Sequence[arb],
    arithmetic: Arithmetic,
    *,
    sides: Sides = (),
    seed: arb = _ONE,
    by_all_formulas: bool = True,
) -> list[arb]:
    """Return the adjoint of every node, d output / d node, given the values of all nodes.

    It is zero for constants, where it is not computed, and NaN outside of an operation's domain.
    At a kink it is for the given sides, or encloses all. ``seed`` is the output's own adjoint.
    The sum of a node and a constant has the same adjoint as the node, and some engines make no
    difference between the two. So contributions to such a sum count as terms of the node's own sum.
    ``by_all_formulas=False`` leaves out those that round otherwise than the derivative does.
    """
    add = arithmetic.add
    contributions: list[list[arb] | None] = [None] * len(expression.nodes)
    contributions[expression.output] = [seed]
    results = [_ZERO] * len(expression.nodes)
    for step in reversed(_steps(expression, arithmetic, sides)):
        terms = contributions[step.position]
        if terms is None:
            continue
        adjoint = results[step.position] = terms[0] if len(terms) == 1 else add(terms)
        value = values[step.position]
        # The derivative's formula may have a larger domain than the operation: 1/x for log.
        outside = arithmetic is EXACT and value.is_nan()
        arguments = (*step.pick(values), value)
        for operand, partial, others in step.targets:
            local = value if outside else _ONE if partial is None else partial(arguments)
            if not others and (local is _ONE or (step.has_one_partial and local == 1)):
                added = terms if step.has_one_partial else [adjoint]
            else:
                in_use = others if by_all_formulas else ()
                added = [_contribution(adjoint, local, arguments, in_use, arithmetic)]
            before = contributions[operand]
            if before is None:
                contributions[operand] = added  # may be the list of a node that is finished
            else:
                before.extend(added)
    for position in range(len(expression.inputs)):
        if (terms := contributions[position]) is not None:
            results[position] = add(terms)
    return results
