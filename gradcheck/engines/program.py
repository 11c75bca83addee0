"""An expression compiled to instructions, one for each node, that make an engine's objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter

from gradcheck.engines.interface import Binding
from gradcheck.expression import Apply, Constant, Expression, Input, Node
from gradcheck.operations import Operation

Instruction = tuple[Callable[..., object], int, int]
"""A function that makes the next node, and the positions of its operands, or ``_NONE``.

Without operands it takes all nodes before it. Most instructions are an operator and one or two
operands: calling the operator directly saves a call for each node.
"""

_NONE = -1

_DEFAULT_BINDING = Binding("")
"""For an operation without a binding: its row in the table says how it is done."""


def program(
    expression: Expression, bindings: Mapping[Operation, Binding], new: Callable[..., object]
) -> tuple[Instruction, ...]:
    """Return an instruction for each node that is not an input.

    Constants stay plain numbers, except where the engine takes none, or where an operation would
    get nothing but constants. There ``new`` makes an object of the constant, a float, at each use.
    """
    nodes = expression.nodes
    return tuple(
        _of_all(_constant(node.value))
        if isinstance(node, Constant)
        else _application(node, nodes, bindings, new)
        for node in nodes
        if not isinstance(node, Input)
    )


def carry_out(instructions: Sequence[Instruction], nodes: list[object]) -> None:
    """Append the nodes, objects or plain numbers, that instructions make from those before."""
    append = nodes.append
    for function, left, right in instructions:
        if right >= 0:
            append(function(nodes[left], nodes[right]))
        elif left >= 0:
            append(function(nodes[left]))
        else:
            append(function(nodes))


def _constant(value: float) -> Callable[[Sequence[object]], object]:
    return lambda _: value


def _object(node: Node, new: Callable[..., object]) -> Callable[[Sequence[object]], object]:
    """Return a function that makes an object of a constant; engines make them from floats."""
    assert isinstance(node, Constant)
    value = float(node.value)
    return lambda _: new(value)


def _of_all(function: Callable[[Sequence[object]], object]) -> Instruction:
    return function, _NONE, _NONE


def _application(
    node: Apply,
    nodes: Sequence[Node],
    bindings: Mapping[Operation, Binding],
    new: Callable[..., object],
) -> Instruction:
    operation, operands = node.operation, node.operands
    binding = bindings.get(operation.row)
    function = operation.apply if binding is None else binding.callable_for(operation)
    is_constant = [isinstance(nodes[i], Constant) for i in operands]
    lifted = _lifted(is_constant, operation, binding or _DEFAULT_BINDING)
    match operands:
        case _ if any(lifted):
            parts = [
                _object(nodes[i], new) if is_lifted else itemgetter(i)
                for i, is_lifted in zip(operands, lifted, strict=True)
            ]
            return _of_all(lambda made: function(*[part(made) for part in parts]))
        case [only]:
            return function, only, _NONE
        case [left, right]:
            return function, left, right
    return _of_all(lambda made: function(*(made[i] for i in operands)))


def _lifted(is_constant: Sequence[bool], operation: Operation, binding: Binding) -> list[bool]:
    """Return for each operand whether it is a constant that has to become an object."""
    alone = all(is_constant[: operation.variables])
    return [
        constant
        and index < operation.variables
        and (alone or not (binding.numbers_right if index else binding.numbers_left))
        for index, constant in enumerate(is_constant)
    ]
