"""The forms of operations: an engine may have an operation, and not every form of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from gradcheck.arrays.elements import MATRIX_DIMENSIONS
from gradcheck.arrays.operations import REDUCTION_NAMES, Mask, Option, Shape, Slice
from gradcheck.arrays.program import ArrayApply, ArrayConstant, ArrayNode, ArrayProgram


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
    if name == "where":
        yield from _of_where(node, nodes, operands)
    elif node.operation.elementwise is not None:
        yield from _of_elementwise(node, nodes, operands)
    elif name == "matmul":
        yield from _of_matmul(operands)
    elif name == "index":
        yield from _of_index(options["index"])
    elif name == "transpose":
        yield from _of_transpose(options.get("axes"), *operands)
    elif name in ("reshape", "broadcast_to"):
        yield from _of_shape(name, options["shape"], *operands)
    else:
        yield from _of_axes(name, options, operands)
        yield from _of_others(name, options, operands)


def _of_shape(name: str, shape: Option, before: Shape) -> Iterator[str]:
    if name == "broadcast_to":
        if isinstance(shape, tuple) and len(shape) > len(before):
            yield "broadcast_to with new axes"
        return
    if _is_negative(shape):
        yield "reshape with -1"
    if shape == ():
        yield "reshape to a number"


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


def _of_where(
    node: ArrayApply, nodes: Sequence[ArrayNode], operands: Sequence[Shape]
) -> Iterator[str]:
    condition, branches = node.operands[:2], node.operands[2:]
    if not all(isinstance(nodes[position], ArrayConstant) for position in condition):
        yield "where with a comparison"
    if len(set(operands[2:])) > 1 or set(operands[:2]) - {(), operands[2]}:
        yield "where with broadcasting"
    plain = [
        isinstance(constant := nodes[position], ArrayConstant) and not constant.shape
        for position in branches
    ]
    for is_plain, what in zip(plain, ("true", "false"), strict=True):
        if is_plain:
            yield f"where with a number for what is {what}"
    if not any(plain):
        yield "where with two arrays"


def _of_matmul(operands: Sequence[Shape]) -> Iterator[str]:
    left, right = map(len, operands)
    if min(left, right) == 1:
        yield "matmul of one dimension"
    if max(left, right) > MATRIX_DIMENSIONS:
        yield "matmul of stacked matrices"
    if left > 1 and right > MATRIX_DIMENSIONS:
        yield "matmul with stacked matrices on the right"


def _of_axes(name: str, options: Mapping[str, Option], operands: Sequence[Shape]) -> Iterator[str]:
    axis = options.get("axis")
    if name in REDUCTION_NAMES and not operands[0]:
        yield f"{name} of a number"
    if isinstance(axis, tuple):
        yield f"{name} over several axes"
    elif axis is not None and name in REDUCTION_NAMES:
        yield f"{name} over an axis"
    if _is_negative(axis):
        yield f"{name} over a negative axis"
    if options.get("keepdims"):
        yield f"{name} with keepdims"


def _of_others(
    name: str, options: Mapping[str, Option], operands: Sequence[Shape]
) -> Iterator[str]:
    """Yield the forms of operations of which many engines have only one."""
    if name == "var":
        yield f"var with ddof={options.get('ddof', 0)}"
    if name in ("var", "norm") and options.get("axis") is None:
        yield f"{name} over all axes"
    for option in ("k", "offset", "padding", "stride"):
        yield from _of_number(name, option, options.get(option))
    if "eps" in options:
        yield f"{name} with eps={options['eps']}"
    if name == "mse" and operands[0] != operands[1]:
        yield "mse with broadcasting"
    if name == "batch_norm" and math.prod((operands[0][0], *operands[0][2:])) == 1:
        yield "batch_norm of one value for each channel"
    if name in _OF_MATRICES and len(operands[0]) != MATRIX_DIMENSIONS:
        yield f"{name} of other than two dimensions"
    if name in _OF_WINDOWS:
        yield from _of_windows(name, options, operands)


def _of_number(name: str, option: str, value: Option) -> Iterator[str]:
    """Yield the forms that a number needs which is not the usual one."""
    if value not in (None, 0) and (option, value) != ("stride", 1):
        yield f"{name} with {option}"
    if _is_negative(value):
        yield f"{name} with a negative {option}"


def _of_windows(
    name: str, options: Mapping[str, Option], operands: Sequence[Shape]
) -> Iterator[str]:
    size, stride, padding = options.get("size"), options.get("stride"), options.get("padding")
    if not isinstance(size, tuple):
        size = operands[1][2:]
    else:
        yield f"{name} along {len(size)} {'axis' if len(size) == 1 else 'axes'}"
        if stride == 1:
            yield f"{name} with stride"
    if len(size) > 1 and len({*size}) * len({*operands[0][-len(size) :]}) > 1:
        yield f"{name} of axes of different sizes"
    around = 2 * padding if isinstance(padding, int) else 0
    widths = [width for width in size if isinstance(width, int)]
    for length, width in zip(operands[0][-len(widths) :], widths, strict=False):
        apart = width if "size" in options else 1
        step = stride if isinstance(stride, int) else apart
        if step and (length + around - width) % step:
            yield f"{name} with elements left over"


_OF_WINDOWS = ("conv1d", "conv2d", "max_pool", "avg_pool")

_OF_MATRICES = ("tril", "triu", "diagonal", "batch_norm", "layer_norm")
"""Operations that an engine may have for matrices only."""


def _of_transpose(axes: Option, shape: Shape) -> Iterator[str]:
    if axes is not None:
        yield "transpose with axes"
    elif len(shape) > MATRIX_DIMENSIONS:
        yield "transpose of more than two dimensions"
    elif len(shape) < MATRIX_DIMENSIONS:
        yield "transpose of less than two dimensions"


def _is_negative(option: Option) -> bool:
    numbers = option if isinstance(option, tuple) else (option,)
    return any(isinstance(number, int) and number < 0 for number in numbers)


def _of_index(index: Option) -> Iterator[str]:
    assert isinstance(index, tuple)
    kinds = set()
    arrays = sum(isinstance(part, tuple) and not isinstance(part, Slice) for part in index)
    if arrays > 1:
        yield "index by several arrays"
    for part in index:
        if isinstance(part, Slice):
            kinds.add("slices")
            if part.step is not None and part.step < 0:
                yield "index by slices backwards"
        elif isinstance(part, Mask):
            kinds.add("a mask")
        else:
            kinds.add("an array" if isinstance(part, tuple) else "a number")
    yield from (f"index by {kind}" for kind in sorted(kinds))
    if len(index) > 1:
        yield "index along several axes"
        if "an array" in kinds:
            yield "index by an array along several axes"
