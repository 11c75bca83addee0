"""What the engines of libraries share: a case done with their functions, and what stops it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar

from gradcheck.engines.faults import fault_of
from gradcheck.engines.protocol import Fault
from gradcheck.engines.time_limit import time_limit
from gradcheck.expression import Apply, Case, Constant, Expression, Input
from gradcheck.operations import OPERATIONS, Operation

Functions = Mapping[str, Callable[..., object]]
"""A library's own function for each operation that it has, by the operation's name."""

Settings = Callable[[], AbstractContextManager[object]]
"""What makes the block within which a library is used."""

SECONDS = 20.0
"""Hundreds of times what a library needs that compiles an operation when it is first used."""

_SECONDS_PER_NODE = 1e-2

T = TypeVar("T")


def operations_of(functions: Functions) -> frozenset[Operation]:
    """The operations of the table that there are functions for."""
    return frozenset(o for o in OPERATIONS.values() if o.name in functions)


def evaluate(
    expression: Expression,
    inputs: Sequence[object],
    functions: Functions,
    number: Callable[[float], object],
    nodes: list[object],
) -> object:
    """The output of an expression; what the library makes of each node is left in ``nodes``.

    Constants are plain floats. The first operand of an operation on nothing but constants is made
    by ``number``, and so is an output that is a constant: without it they were not the library's.
    """
    for position, node in enumerate(expression.nodes):
        match node:
            case Input():
                nodes.append(inputs[position])
            case Constant(value):
                nodes.append(value)
            case Apply(operation, positions):
                operands = [nodes[i] for i in positions]
                if all(isinstance(expression.nodes[i], Constant) for i in positions):
                    operands[0] = number(_constant(expression, positions[0]))
                nodes.append(functions[operation.name](*operands))
    if isinstance(expression.nodes[expression.output], Constant):
        return number(_constant(expression, expression.output))
    return nodes[expression.output]


def _constant(expression: Expression, position: int) -> float:
    node = expression.nodes[position]
    assert isinstance(node, Constant)
    return node.value


def attempt(
    case: Case, settings: Settings, compute: Callable[[list[object]], T], *, seconds: float
) -> T | Fault:
    """What ``compute`` returns, or why it does not; it gets the list for the nodes it makes.

    What stops once all nodes are made is a fault of the backward pass. What takes longer than
    ``seconds``, and a hundredth of one for each node, is tried once more, as a garbage collection
    may have fallen into the first time.
    """
    done = _attempt(case, settings, compute, seconds)
    if isinstance(done, Fault) and done.is_hang:
        return _attempt(case, settings, compute, seconds)
    return done


def limit_for(expression: Expression, seconds: float) -> time_limit:
    """The block within which a library does an expression; raises ``HangError``."""
    return time_limit(seconds + _SECONDS_PER_NODE * len(expression.nodes))


def _attempt(
    case: Case, settings: Settings, compute: Callable[[list[object]], T], seconds: float
) -> T | Fault:
    nodes: list[object] = []
    number_of_nodes = len(case.expression.nodes)
    try:
        with limit_for(case.expression, seconds), settings():
            return compute(nodes)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever an engine raises is data
        if len(nodes) < number_of_nodes:
            return fault_of(error, stage="forward", position=len(nodes))
        return fault_of(error, stage="backward", position=None)
