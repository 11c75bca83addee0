"""An expression swept in balls: forward for the values, backward for the adjoints."""

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
"""Those whose steps are kept: an expression is swept several times, and at several points."""

_ZERO = arb(0)
_ONE = arb(1)


@dataclass(frozen=True, slots=True)
class _Step:
    """An operation of an expression, with all that a sweep has to know of it.

    ``pick`` takes the values of the operands, parameters aside, out of those of all nodes.
    ``partials`` are those by operands that are no constants, with their positions; ``is_alone``
    says that there is one such operand only.
    """

    position: int
    pick: Callable[[Sequence[arb]], tuple[arb, ...]]
    value: Function
    roundings: int
    partials: tuple[tuple[int, Function | None], ...]
    is_alone: bool


@lru_cache(maxsize=_EXPRESSIONS_KEPT)
def _steps(expression: Expression, arithmetic: Arithmetic) -> tuple[_Step, ...]:
    """The operations of an expression in their order."""
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
        is_alone=len(partials) == 1,
    )


def _pick(operands: tuple[int, ...]) -> Callable[[Sequence[arb]], tuple[arb, ...]]:
    if len(operands) == 1:
        [only] = operands
        return lambda values: (values[only],)
    return itemgetter(*operands)


def values(expression: Expression, inputs: Sequence[arb], arithmetic: Arithmetic) -> list[arb]:
    """The value of every node, given those of the inputs."""
    results = [*inputs, *map(_constant, expression.nodes[len(inputs) :])]
    round_ = arithmetic.round
    for step in _steps(expression, arithmetic):
        exact = step.value(step.pick(results))
        results[step.position] = round_(exact, step.roundings) if step.roundings else exact
    return results


def _constant(node: Node) -> arb:
    """The value of a constant; zero for now where another node stands."""
    return arb(node.value) if isinstance(node, Constant) else _ZERO


def adjoints(expression: Expression, values: Sequence[arb], arithmetic: Arithmetic) -> list[arb]:
    """The adjoint of every node, d output / d node, given the values of all nodes.

    A constant's is not computed and stands as zero. Outside of an operation's domain it is a NaN.
    What is added to a constant has the same derivative as the sum, and some engines take them for
    one: so its contributions are terms of the operand's own sum.
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
        # A derivative's formula may go on where the operation itself ends: 1/x below zero.
        outside = arithmetic is EXACT and value.is_nan()
        arguments = (*step.pick(values), value)
        for operand, partial in step.partials:
            local = value if outside else _ONE if partial is None else partial(arguments)
            if local is _ONE or (step.is_alone and local == 1):
                sent = terms if step.is_alone else [adjoint]
            else:
                sent = [multiply(adjoint, local)]
            before = contributions[operand]
            if before is None:
                contributions[operand] = sent  # the list of a node above, perhaps, which is done
            else:
                before.extend(sent)
    for position in range(len(expression.inputs)):
        if (terms := contributions[position]) is not None:
            results[position] = add(terms)
    return results
