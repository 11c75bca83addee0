"""The forms of operations: an engine may have an operation, and not every form of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradcheck.arrays.operations import Shape, Slice
from gradcheck.arrays.program import ArrayApply, ArrayConstant, ArrayNode, ArrayProgram

_A_MATRIX = 2


def forms(program: ArrayProgram) -> frozenset[str]:
    """Return the forms of operations that a program needs, in words.

    >>> from gradcheck.arrays.notation import parse_program
    >>> sorted(forms(parse_program("sum(x @ y, axis=0)", {"x": (2, 3), "y": (3,)})))
    ['matmul', 'matmul of one dimension', 'sum', 'sum over an axis']
    """
    shapes = program.shapes
    return frozenset(
        form
        for node in program.nodes
        if isinstance(node, ArrayApply)
        for form in forms_of(node, program.nodes, shapes)
    )


def forms_of(
    node: ArrayApply, nodes: Sequence[ArrayNode], shapes: Sequence[Shape]
) -> Iterator[str]:
    """Yield the forms that one operation needs, given the nodes before it and their shapes."""
    name, options = node.operation.name, dict(node.options)
    operands = [shapes[i] for i in node.operands]
    yield name
    if node.operation.elementwise is not None:
        yield from _of_elementwise(node, nodes, operands)
    elif name == "matmul":
        yield from _of_matmul(operands)
    elif name == "index":
        yield from (f"index by {kind}" for kind in _parts(options["index"]))
    elif "keepdims" in options or name in _REDUCTIONS:
        axis = options.get("axis")
        if axis is not None:
            yield f"{name} over several axes" if isinstance(axis, tuple) else f"{name} over an axis"
        if options.get("keepdims"):
            yield f"{name} with keepdims"
    elif name == "transpose" and options.get("axes") is not None:
        yield "transpose with axes"


_REDUCTIONS = ("sum", "mean", "prod", "max", "min", "logsumexp")


def _of_elementwise(
    node: ArrayApply, nodes: Sequence[ArrayNode], operands: Sequence[Shape]
) -> Iterator[str]:
    name = node.operation.name
    variables = node.operation.arity - node.operation.elementwise_parameters
    if len(set(operands[:variables])) > 1:
        yield f"{name} with broadcasting"
    for place, position in enumerate(node.operands[:variables]):
        constant = nodes[position]
        if isinstance(constant, ArrayConstant):
            what = "an array" if constant.shape else "a number"
            yield f"{name} with {what} on the {'right' if place else 'left'}"


def _of_matmul(operands: Sequence[Shape]) -> Iterator[str]:
    if min(map(len, operands)) == 1:
        yield "matmul of one dimension"
    if max(map(len, operands)) > _A_MATRIX:
        yield "matmul of stacked matrices"


def _parts(index: object) -> Iterator[str]:
    assert isinstance(index, tuple)
    for part in index:
        if isinstance(part, Slice):
            yield "backward slices" if (part.step or 1) < 0 else "slices"
        else:
            yield "an array" if isinstance(part, tuple) else "a number"
