"""Adjoints at a kink, where an operation's partials from its two sides differ.

An engine has to decide at each such node: ``relu`` at 0 passes on all of its upstream gradient, or
nothing, or a share of it, and ``max`` at a tie divides it between its operands. Both partials of a
node come from one decision. So ``max(a, a)`` has the derivative 1, whatever the decision is.

A gradient depends on each decision linearly, as no path through the graph passes a node twice. So
it lies between the gradients for the two sides of every node, in all combinations.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, reduce
from itertools import combinations, product

from flint import arb

from gradcheck.expression import Apply, Expression
from gradcheck.operations import Operation
from gradcheck.oracles.arithmetic import EXACT, Arithmetic
from gradcheck.oracles.balls import Side
from gradcheck.oracles.sweep import adjoints
from gradcheck.oracles.symbolic import local_partials, may_have_kinks

_EXPRESSIONS_KEPT = 256

_MAX_KINKS = 4
"""The most nodes at a kink whose sides are combined: four of them take sixteen sweeps."""


def kinks(expression: Expression, values: Sequence[arb]) -> tuple[int, ...]:
    """Return the positions of the nodes that may be at a kink, if these are their values."""
    found = []
    for position, node in _candidates(expression):
        operands = [values[i] for i in node.operands[: node.operation.variables]]
        arguments = [*operands, values[position]]
        if sides_differ(node.operation, expression.parameters(node), arguments):
            found.append(position)
    return tuple(found)


@lru_cache(maxsize=_EXPRESSIONS_KEPT)
def _candidates(expression: Expression) -> tuple[tuple[int, Apply], ...]:
    """Return the operations that have a kink anywhere, each with its position."""
    return tuple(
        (position, node)
        for position, node in enumerate(expression.nodes)
        if isinstance(node, Apply)
        and expression.used[position]
        and may_have_kinks(node.operation, expression.parameters(node))
    )


def sides_differ(
    operation: Operation, parameters: tuple[float, ...], arguments: Sequence[arb]
) -> bool:
    """Tell whether an operation has two different partials at its operands and its result."""
    below, above = (
        local_partials(operation, parameters, EXACT, side) for side in (Side.BELOW, Side.ABOVE)
    )
    return any(
        one is not None and other is not None and not one(arguments).overlaps(other(arguments))
        for one, other in zip(below, above, strict=True)
    )


def has_two_sides(expression: Expression, kinks: Sequence[int]) -> bool:
    """Tell whether one share divides what each node at a kink passes on.

    Three operands can be equal in more ways: all goes to the first, the second or the third.
    """
    nodes = (expression.nodes[position] for position in kinks)
    operations = (node.operation for node in nodes if isinstance(node, Apply))
    return all(operation.compares or operation.variables <= 2 for operation in operations)  # noqa: PLR2004


def adjoints_at_kinks(
    expression: Expression, values: Sequence[arb], arithmetic: Arithmetic, kinks: Sequence[int]
) -> list[arb]:
    """Return the adjoint of every node, enclosing those for all sides of the nodes at a kink.

    With many such nodes, or with more than two operands, the partials of a node count as
    independent, which is a wider bound.

    >>> from gradcheck.formula import parse
    >>> from gradcheck.oracles.arithmetic import EXACT
    >>> adjoints_at_kinks(parse("max(a, a)"), [arb(2), arb(2)], EXACT, [1])
    [1.00000000000000, 1.00000000000000]
    """
    if not kinks or len(kinks) > _MAX_KINKS or not has_two_sides(expression, kinks):
        return adjoints(expression, values, arithmetic)
    sweeps = [
        adjoints(expression, values, arithmetic, sides=tuple(zip(kinks, sides, strict=True)))
        for sides in product((Side.BELOW, Side.ABOVE), repeat=len(kinks))
    ]
    return [reduce(arb.union, balls) for balls in zip(*sweeps, strict=True)]


def is_a_choice_of_sides(
    gradient: Sequence[float], below: Sequence[arb], above: Sequence[arb]
) -> bool:
    """Tell whether the same share of one side and the other explains every number of a gradient.

    ``below`` and ``above`` enclose the numbers for the two sides of a node. A number between them
    tells the share of each side, within an interval. If two such intervals exclude each other, no
    share explains both numbers.

    >>> below, above = [arb(0), arb(1)], [arb(1), arb(0)]
    >>> is_a_choice_of_sides([0.5, 0.5], below, above), is_a_choice_of_sides([1, 1], below, above)
    (True, False)
    """
    shares = [
        (arb(number) - one) / (other - one)
        for number, one, other in zip(gradient, below, above, strict=True)
        if not one.overlaps(other)
    ]
    return all(one.overlaps(other) for one, other in combinations(shares, 2))
