"""Expressions compiled from Python source with one line for each operation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gradcheck.expression import Apply, Constant, Expression

Function = Callable[..., Any]


def function(expression: Expression, named: Mapping[str, Function]) -> Function:
    """Return a function for any library's numbers; ``named`` are operations written as calls."""
    source = [*_forward(expression), f"return {_name(expression, expression.output)}"]
    return _compiled(expression, source, named)


def gradient(expression: Expression) -> Function:
    """Return a hand-written forward and backward pass on floats: the limit for Python code."""
    lines = [*_forward(expression), *_backward(expression)]
    inputs = (f"g{i}" if expression.used[i] else "0.0" for i in range(len(expression.inputs)))
    return _compiled(expression, [*lines, f"return {', '.join(inputs)}"], {"tanh": math.tanh})


def _compiled(expression: Expression, lines: list[str], named: Mapping[str, Function]) -> Function:
    parameters = ", ".join(_name(expression, i) for i in range(len(expression.inputs)))
    source = "\n    ".join([f"def compiled({parameters}):", *lines])
    namespace: dict[str, Any] = {"math": math, **named}
    exec(source, namespace)  # noqa: S102 - it was written just above
    made: Function = namespace["compiled"]
    return made


def _forward(expression: Expression) -> Iterator[str]:
    plain: set[int] = set()  # constants, and operations on nothing but constants
    for position, node in enumerate(expression.nodes):
        if isinstance(node, Constant):
            plain.add(position)
        elif isinstance(node, Apply):
            name = node.operation.name
            if plain.issuperset(node.operands):
                plain.add(position)
                name = name if node.operation.precedence else f"math.{name}"
            first, *others = (_name(expression, i) for i in node.operands)
            result = f"{first} {name} {others[0]}" if others else f"{name}({first})"
            yield f"n{position} = {result}"


def _backward(expression: Expression) -> Iterator[str]:
    """Yield the lines for the adjoint ``g`` of every node that is not a constant."""
    yield f"g{expression.output} = 1.0"
    has_one = {expression.output}
    for position in reversed(range(len(expression.nodes))):
        node = expression.nodes[position]
        if isinstance(node, Apply):
            for operand, sent in _sent(expression, position, node):
                if not isinstance(expression.nodes[operand], Constant):
                    yield f"g{operand} {'+=' if operand in has_one else '='} {sent}"
                    has_one.add(operand)


def _sent(expression: Expression, position: int, node: Apply) -> list[tuple[int, str]]:
    """Return the contribution of an operation to each of its operands, as source."""
    adjoint = f"g{position}"
    match node.operation.name, node.operands:
        case "+", (a, b):
            return [(a, adjoint), (b, adjoint)]
        case "*", (a, b):
            left, right = _name(expression, a), _name(expression, b)
            return [(a, f"{right} * {adjoint}"), (b, f"{left} * {adjoint}")]
        case "tanh", (a,):
            return [(a, f"(1.0 - n{position} * n{position}) * {adjoint}")]
    raise NotImplementedError(node.operation.name)


def _name(expression: Expression, position: int) -> str:
    node = expression.nodes[position]
    return repr(node.value) if isinstance(node, Constant) else f"n{position}"
