"""The random expressions for all contestants: of a given size, with three inputs."""

from __future__ import annotations

import random

from gradcheck.expression import Apply, Case, Constant, Expression, Input, Node
from gradcheck.operations import DEFAULT_OPERATIONS, OPERATIONS

INPUTS = tuple(Input(name) for name in "abc")

_LARGEST_PART = 40
"""Larger expressions are sums of parts, as a loss is a sum over samples."""

_PART = 10
"""Operations of a part, including the sum; every large size is a multiple of it."""

_CONSTANTS = (2.0, -1.0, 0.5, 3.0, -2.0, 0.1, -0.7, 1.5)


def random_cases(count: int, size: int, seed: int) -> list[Case]:
    """Return ``count`` expressions of ``+``, ``*`` and ``tanh``, each at an ordinary point."""
    source = random.Random(f"{seed}:{size}")  # noqa: S311 - to repeat a run, not to hide it
    return [
        Case(
            random_expression(size, source),
            tuple(source.uniform(-2.0, 2.0) for _ in INPUTS),
        )
        for _ in range(count)
    ]


def random_expression(size: int, source: random.Random) -> Expression:
    """Return an expression of ``size`` operations whose output depends on all inputs."""
    nodes: list[Node] = [*INPUTS]
    if size <= _LARGEST_PART:
        _append(nodes, size, source)
        return Expression(tuple(nodes))
    total = 0
    for _ in range(size // _PART):
        part = _append(nodes, _PART - 1, source)
        nodes.append(Apply(OPERATIONS["+"], (total, part)))
        total = len(nodes) - 1
    return Expression(tuple(nodes))


def _append(nodes: list[Node], size: int, source: random.Random) -> int:
    """Append ``size`` operations on inputs and on each other; return the last position."""
    results = list(range(len(INPUTS)))
    unused = list(results)
    for left in range(size, 0, -1):
        has_to_join = left < len(unused)
        operation = source.choice(DEFAULT_OPERATIONS[: 2 if has_to_join else 3])
        operands = [unused.pop(source.randrange(len(unused)))]
        if operation.arity == 2:
            if has_to_join:
                other = source.choice(unused)
            elif source.random() < 0.2:
                nodes.append(Constant(source.choice(_CONSTANTS)))
                other = len(nodes) - 1
            else:
                other = source.choice(results)
            unused = [position for position in unused if position != other]
            operands.insert(source.randrange(2), other)
        nodes.append(Apply(operation, tuple(operands)))
        results.append(len(nodes) - 1)
        unused.append(len(nodes) - 1)
    return len(nodes) - 1
