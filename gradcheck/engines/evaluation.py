"""Evaluate a case with the functions of a library, within a time limit."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar

from gradcheck.engines.faults import Fault, fault_of
from gradcheck.engines.second_try import with_second_try
from gradcheck.engines.time_limit import time_limit
from gradcheck.expression import Apply, Case, Constant, Expression, Input
from gradcheck.operations import OPERATIONS, Operation
from gradcheck.operations.operation import with_arities

Functions = Mapping[str, Callable[..., object]]
"""The library's function for each operation that it has, by the name of the operation."""

Settings = Callable[[], AbstractContextManager[object]]
"""A function that returns the context in which a library is used."""

SECONDS = 20.0
"""Time limit for a case: hundreds of times what compiling an operation on first use takes."""

_SECONDS_PER_NODE = 1e-2

PYTHON_OPERATORS: Mapping[str, Callable[..., object]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "neg": operator.neg,
    "**": operator.pow,
    "power": operator.pow,
}
"""The operations that Python has an operator for."""

_SAME_NAMES = (
    *("exp", "expm1", "log", "log1p", "log10", "sqrt"),
    *("sin", "cos", "tan", "sinh", "cosh", "tanh"),
)
"""The operations whose function has the name of the operation in every library."""

_INVERSES = ("asin", "acos", "atan", "atan2", "asinh", "acosh", "atanh")
"""The operations whose function is called as in NumPy, arcsin for asin, in every library."""

T = TypeVar("T")


def functions_from(
    library: object, **others: Callable[..., object]
) -> dict[str, Callable[..., object]]:
    """Return Python's operators, the functions that every library calls alike, and ``others``."""
    return {
        **PYTHON_OPERATORS,
        **{name: getattr(library, name) for name in _SAME_NAMES},
        **{name: getattr(library, f"arc{name[1:]}") for name in _INVERSES},
        **others,
    }


def of_numbers(
    function: Callable[..., object], number: Callable[[float], object]
) -> Callable[..., object]:
    """Return a function that turns plain numbers into numbers of the library first."""

    def apply(*operands: object) -> object:
        return function(*(number(x) if isinstance(x, int | float) else x for x in operands))

    return apply


def choice(of_two: Callable[..., object], of_many: Callable[..., object]) -> Callable[..., object]:
    """Return a maximum or a minimum: the library's function of two operands, or that of many."""

    def apply(*operands: object) -> object:
        return (of_two if len(operands) == 2 else of_many)(*operands)  # noqa: PLR2004 - two

    return apply


def operations_of(functions: Functions) -> frozenset[Operation]:
    """Return the operations of the table that have a function, on any number of operands."""
    has = (operation for operation in OPERATIONS.values() if operation.name in functions)
    return frozenset(each for operation in has for each in with_arities(operation))


def evaluate(
    expression: Expression,
    inputs: Sequence[object],
    functions: Functions,
    number: Callable[[float], object],
    nodes: list[object],
) -> object:
    """Return the output of an expression, and append the object for each node to ``nodes``.

    Constants are plain numbers, with two exceptions that would otherwise never reach the library:
    the first operand of an operation on nothing but constants, and an output that is a constant.
    ``number`` makes these two.
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
                    operands[0] = number(expression.constants[positions[0]])
                nodes.append(functions[operation.name](*operands))
    if expression.output in expression.constants:
        return number(expression.constants[expression.output])
    return nodes[expression.output]


def attempt(
    case: Case, settings: Settings, compute: Callable[[list[object]], T], *, seconds: float
) -> T | Fault:
    """Return the result of ``compute``, or the fault that stopped it.

    ``compute`` gets the list to which it appends the nodes. A fault after the last node belongs to
    the backward pass. A case that takes longer than ``seconds``, plus a hundredth of one for each
    node, is tried a second time.
    """
    return with_second_try(lambda: _attempt(case, settings, compute, seconds))


def limit_for(nodes: int, seconds: float) -> time_limit:
    """Return the time limit for that many nodes; it raises ``HangError``."""
    return time_limit(seconds + _SECONDS_PER_NODE * nodes)


def _attempt(
    case: Case, settings: Settings, compute: Callable[[list[object]], T], seconds: float
) -> T | Fault:
    nodes: list[object] = []
    try:
        with limit_for(len(case.expression.nodes), seconds), settings():
            return compute(nodes)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever an engine raises is data
        if len(nodes) < len(case.expression.nodes):
            return fault_of(error, stage="forward", position=len(nodes))
        return fault_of(error, stage="backward", position=None)
