"""Sweep over an expression in balls: forward for the values, backward for the adjoints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from flint import arb

from gradcheck.expression import Apply, Constant, Expression, Node
from gradcheck.oracles.arithmetic import EXACT, Arithmetic
from gradcheck.oracles.balls import Function
from gradcheck.oracles.symbolic import definition, local_partials

_EXPRESSIONS_KEPT = 256
"""Expressions whose steps are cached, as each is swept several times, at several points."""

_ZERO = arb(0)
_ONE = arb(1)


@dataclass(frozen=True, slots=True)
class _Step:
    """An operation of an expression, prepared for sweeps.

    ``pick`` returns the values of the operands without parameters, given those of all nodes.
    ``partials`` are pairs of an operand's position and the partial with respect to it, without
    those for constants. ``has_one_partial`` is true if there is only one.
    """

    position: int
    pick: Callable[[Sequence[arb]], tuple[arb, ...]]
    value: Function
    roundings: int
    partials: tuple[tuple[int, Function | None], ...]
    has_one_partial: bool


@lru_cache(maxsize=_EXPRESSIONS_KEPT)
def _steps(expression: Expression, arithmetic: Arithmetic) -> tuple[_Step, ...]:
    """Return the operations of an expression in order."""
    return tuple(
        _step(expression, position, node, arithmetic)
        for position, node in enumerate(expression.nodes)
        if isinstance(node, Apply)
    )


def _step(expression: Expression, position: int, node: Apply, arithmetic: Arithmetic) -> _Step:
    operation, parameters = node.operation, expression.parameters(node)
    operands = node.operands[: operation.variables]
    partials = tuple(
        (operand, partial)
        for operand, partial in zip(
            operands, local_partials(operation, parameters, arithmetic), strict=True
        )
        if not isinstance(expression.nodes[operand], Constant)
    )
    return _Step(
        position=position,
        pick=_pick(operands),
        value=definition(operation, parameters),
        roundings=arithmetic.roundings(operation),
        partials=partials,
        has_one_partial=len(partials) == 1,
    )


def _pick(operands: tuple[int, ...]) -> Callable[[Sequence[arb]], tuple[arb, ...]]:
    if len(operands) == 1:
        [only] = operands
        return lambda values: (values[only],)
    return itemgetter(*operands)


def values(expression: Expression, inputs: Sequence[arb], arithmetic: Arithmetic) -> list[arb]:
    """Return the value of every node, given those of the inputs."""
    results = [*inputs, *map(_constant, expression.nodes[len(inputs) :])]
    round_ = arithmetic.round
    for step in _steps(expression, arithmetic):
        exact = step.value(step.pick(results))
        results[step.position] = round_(exact, step.roundings) if step.roundings else exact
    return results


def _constant(node: Node) -> arb:
    """Return the value of a constant, or zero for any other node."""
    return arb(node.value) if isinstance(node, Constant) else _ZERO


def adjoints(expression: Expression, values: Sequence[arb], arithmetic: Arithmetic) -> list[arb]:
    """Return the adjoint of every node, d output / d node, given the values of all nodes.

    It is zero for constants, where it is not computed, and NaN outside of an operation's domain.
    The sum of a node and a constant has the same adjoint as the node, and some engines make no
    difference between the two. So contributions to such a sum count as terms of the node's own sum.
    """
    add, multiply = arithmetic.add, arithmetic.multiply
    contributions: list[list[arb] | None] = [None] * len(expression.nodes)
    contributions[expression.output] = [_ONE]
    results = [_ZERO] * len(expression.nodes)
    for step in reversed(_steps(expression, arithmetic)):
        terms = contributions[step.position]
        if terms is None:
            continue
        adjoint = results[step.position] = terms[0] if len(terms) == 1 else add(terms)
        value = values[step.position]
        # The derivative's formula may have a larger domain than the operation: 1/x for log.
        outside = arithmetic is EXACT and value.is_nan()
        arguments = (*step.pick(values), value)
        for operand, partial in step.partials:
            local = value if outside else _ONE if partial is None else partial(arguments)
            if local is _ONE or (step.has_one_partial and local == 1):
                added = terms if step.has_one_partial else [adjoint]
            else:
                added = [multiply(adjoint, local)]
            before = contributions[operand]
            if before is None:
                contributions[operand] = added  # may be the list of a node that is finished
            else:
                before.extend(added)
    for position in range(len(expression.inputs)):
        if (terms := contributions[position]) is not None:
            results[position] = add(terms)
    return results
