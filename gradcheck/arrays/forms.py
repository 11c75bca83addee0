"""The forms of operations: an engine may have an operation, and not every form of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gradcheck.arrays.operations import REDUCTIONS, Option, Shape, Slice
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
        yield from _of_index(options["index"])
    elif name == "transpose":
        yield from _of_transpose(options.get("axes"), *operands)
    elif name == "reshape":
        if _is_negative(options["shape"]):
            yield "reshape with -1"
        if options["shape"] == ():
            yield "reshape to a number"
    elif name == "broadcast_to":
        shape = options["shape"]
        if isinstance(shape, tuple) and len(shape) > len(operands[0]):
            yield "broadcast_to with new axes"
    else:
        yield from _of_axes(name, options, operands)


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


def _of_axes(name: str, options: Mapping[str, Option], operands: Sequence[Shape]) -> Iterator[str]:
    axis = options.get("axis")
    if name in REDUCTIONS and not operands[0]:
        yield f"{name} of a number"
    if isinstance(axis, tuple):
        yield f"{name} over several axes"
    elif axis is not None and name in REDUCTIONS:
        yield f"{name} over an axis"
    if _is_negative(axis):
        yield f"{name} over a negative axis"
    if options.get("keepdims"):
        yield f"{name} with keepdims"


def _of_transpose(axes: Option, shape: Shape) -> Iterator[str]:
    if axes is not None:
        yield "transpose with axes"
    elif len(shape) > _A_MATRIX:
        yield "transpose of more than two dimensions"
    elif len(shape) < _A_MATRIX:
        yield "transpose of less than two dimensions"


def _is_negative(option: Option) -> bool:
    numbers = option if isinstance(option, tuple) else (option,)
    return any(isinstance(number, int) and number < 0 for number in numbers)


def _of_index(index: Option) -> Iterator[str]:
    assert isinstance(index, tuple)
    kinds = set()
    for part in index:
        if isinstance(part, Slice):
            kinds.add("slices")
            if part.step is not None and part.step < 0:
                yield "index by slices backwards"
        else:
            kinds.add("an array" if isinstance(part, tuple) else "a number")
    yield from (f"index by {kind}" for kind in sorted(kinds))
    if len(index) > 1:
        yield "index along several axes"
        if "an array" in kinds:
            yield "index by an array along several axes"
