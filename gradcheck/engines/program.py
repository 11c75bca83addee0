"""An expression as instructions that make the objects of an engine, one for each node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gradcheck.engines.interface import Binding
from gradcheck.expression import Apply, Constant, Expression, Input, Node
from gradcheck.operations import Operation

Instruction = Callable[[Sequence[object]], object]
"""What makes the next node, an engine's object or a plain number, out of all nodes before it."""

_ANY_BINDING = Binding("")
"""Of an operation that is in no table; its row says how it is done."""


def program(
    expression: Expression, bindings: Mapping[Operation, Binding], new: Callable[..., object]
) -> tuple[Instruction, ...]:
    """An instruction for each node that is no input.

    Constants stay plain floats, unless the engine does not take one where it stands, or an
    operation would get nothing else: those are made into objects by ``new``, at each use.
    """
    nodes = expression.nodes
    return tuple(
        _constant(node.value)
        if isinstance(node, Constant)
        else _applied(node, nodes, bindings, new)
        for node in nodes
        if not isinstance(node, Input)
    )


def _constant(value: float) -> Instruction:
    return lambda _: value


def _applied(
    node: Apply,
    nodes: Sequence[Node],
    bindings: Mapping[Operation, Binding],
    new: Callable[..., object],
) -> Instruction:
    operation, operands = node.operation, node.operands
    binding = bindings.get(operation)
    function = operation.apply if binding is None else binding.callable_for(operation)
    lifted = _lifted(
        [isinstance(nodes[i], Constant) for i in operands], operation, binding or _ANY_BINDING
    )
    match operands:
        case _ if any(lifted):
            lifting = tuple(zip(operands, lifted, strict=True))
            return lambda made: function(
                *(new(made[i]) if is_lifted else made[i] for i, is_lifted in lifting)
            )
        case [only]:
            return lambda made: function(made[only])
        case [left, right]:
            return lambda made: function(made[left], made[right])
    return lambda made: function(*(made[i] for i in operands))


def _lifted(constant: Sequence[bool], operation: Operation, binding: Binding) -> list[bool]:
    """For each operand, whether it is a constant that cannot stay a plain number."""
    alone = all(constant[: operation.variables])
    return [
        is_constant
        and index < operation.variables
        and (alone or not (binding.numbers_right if index else binding.numbers_left))
        for index, is_constant in enumerate(constant)
    ]
