"""Find the smallest array case of a bug: fewest operations, smallest shapes, simplest numbers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from gradcheck.array_checks.fitting import with_fitting_options
from gradcheck.arrays.floats import values_in_floats
from gradcheck.arrays.operations import Index, Option, Shape, Slice
from gradcheck.arrays.program import (
    ArrayApply,
    ArrayCase,
    ArrayConstant,
    ArrayInput,
    ArrayNode,
    ArrayProgram,
    Numbers,
)
from gradcheck.generation.array_programs import with_moved_operands, without_unused

StillShows = Callable[[ArrayCase], bool]

_SIMPLE_SHAPES: tuple[Shape, ...] = ((-1,), (1, -1), (-1, 1))
"""The shapes to which an array is reshaped in the smallest cases, the simplest first."""

_OPTIONAL = ("ddof", "k", "offset", "stride", "padding")
"""Options that can be left out."""

_SIMPLE = (1.0, 2.0, 3.0, -1.0, 0.5, 0.0)


def shrink_arrays(case: ArrayCase, still_shows: StillShows) -> ArrayCase:
    """Return the smallest case that shows the same bug and can be reached in single steps.

    A step leaves out operations, makes an axis shorter, or makes numbers simpler.
    """
    while True:
        for simpler in _simpler(case):
            if still_shows(simpler):
                case = simpler
                break
        else:
            return case


def _simpler(case: ArrayCase) -> Iterator[ArrayCase]:
    for steps in (_fewer_operations, _smaller_shapes, _simpler_numbers):
        for simpler in steps(case):
            if simpler != case:
                yield simpler


def _fewer_operations(case: ArrayCase) -> Iterator[ArrayCase]:
    nodes = case.program.nodes
    applied = [i for i, node in enumerate(nodes) if isinstance(node, ArrayApply)]
    values = values_in_floats(case.program, [*case.arrays.values()])
    for i in applied[:-1]:
        yield from _program(case, nodes[: i + 1])
    for i in applied:
        node = nodes[i]
        assert isinstance(node, ArrayApply)
        for operand in dict.fromkeys(node.operands):
            if not isinstance(nodes[operand], ArrayConstant):
                yield from _program(case, _with_operand(nodes, i, operand))
        if i != applied[-1] and all(math.isfinite(x) for x in values[i].ravel().tolist()):
            yield from _cut(case, i, tuple(values[i].ravel().tolist()))


def _with_operand(nodes: Sequence[ArrayNode], position: int, operand: int) -> list[ArrayNode]:
    """Return the nodes before ``position``, and those after it with an operand in its place."""
    if position == len(nodes) - 1:
        return [*nodes[: operand + 1]]
    return [with_moved_operands(node, {position: operand}) for node in nodes]


def _cut(case: ArrayCase, position: int, numbers: Numbers) -> Iterator[ArrayCase]:
    """Yield the case with an input in place of an operation, at the operation's value."""
    count = len(case.program.inputs)
    names = [x.name for x in case.program.inputs]
    name = next(name for name in _names() if name not in names)
    moved = {i: i + (i >= count) for i in range(len(case.program.nodes))}
    moved[position] = count
    new = ArrayInput(name, case.program.shapes[position])
    others = (with_moved_operands(node, moved) for node in case.program.nodes[count:])
    nodes = [*case.program.inputs, new, *others]
    yield from _case(nodes, (*case.values, numbers), case.weights)


def _program(case: ArrayCase, nodes: Sequence[ArrayNode]) -> Iterator[ArrayCase]:
    if isinstance(nodes[-1], ArrayApply):
        yield from _case(nodes, case.values, case.weights)


def _case(
    nodes: Sequence[ArrayNode], numbers: Sequence[Numbers], weights: Numbers | None
) -> Iterator[ArrayCase]:
    """Yield the case of some nodes, unless their shapes do not fit."""
    inputs = [node for node in nodes if isinstance(node, ArrayInput)]
    try:
        program = without_unused(nodes)
    except ValueError:
        return
    if not program.inputs:
        return
    used = {x.name for x in program.inputs}
    kept = tuple(n for x, n in zip(inputs, numbers, strict=True) if x.name in used)
    yield ArrayCase(_renamed(program), kept, _weights(program, weights))


def _renamed(program: ArrayProgram) -> ArrayProgram:
    """Return the program with its inputs named in order."""
    names = _names()
    nodes = [
        replace(node, name=next(names)) if isinstance(node, ArrayInput) else node
        for node in program.nodes
    ]
    return ArrayProgram(tuple(nodes))


def _names() -> Iterator[str]:
    """Yield names of inputs without end: x, y, z, then a to w, then x1, x2 and so on."""
    yield from "xyzabcdefghijklmnopqrstuvw"
    yield from (f"x{number}" for number in itertools.count(1))


def _weights(program: ArrayProgram, weights: Numbers | None) -> Numbers | None:
    count = math.prod(program.shape)
    if not count or (program.shape == () and weights is None):
        return None
    return tuple((weights or (1.0,))[i % len(weights or (1.0,))] for i in range(count))


def _smaller_shapes(case: ArrayCase) -> Iterator[ArrayCase]:
    """Yield the case with every axis of one size shorter, or with one axis of an input shorter.

    Then with shorter arrays in an index.
    """
    nodes = case.program.nodes
    sizes = sorted({size for x in case.program.inputs for size in x.shape if size > 1})
    for size in reversed(sizes):
        for smaller in range(1, size):
            yield from _resized(case, [_with_size(node, size, smaller) for node in nodes])
    yield from _with_shorter_axes(case)
    for position, x in enumerate(case.program.inputs):
        shorter = [
            (*x.shape[:axis], smaller, *x.shape[axis + 1 :])
            for axis, size in enumerate(x.shape)
            for smaller in range(1, size)
        ]
        longer = [tuple(max(size, 1) for size in x.shape)] if 0 in x.shape else []
        for shape in (*longer, *shorter, *([x.shape[1:], x.shape[:-1]] if x.shape else [])):
            changed = [*nodes[:position], replace(x, shape=shape), *nodes[position + 1 :]]
            yield from _resized(case, changed)
            if len(shape) < len(x.shape):
                yield from _resized(case, [*map(_with_nearer_axes, changed)])
    for position, node in enumerate(nodes):
        if isinstance(node, ArrayApply):
            for other in _simpler_options(node):
                yield from _resized(case, [*nodes[:position], other, *nodes[position + 1 :]])


def _with_shorter_axes(case: ArrayCase) -> Iterator[ArrayCase]:
    """Yield the case with one axis of all inputs shorter, such as that of the channels."""
    nodes, shapes = case.program.nodes, [x.shape for x in case.program.inputs]
    if len(shapes) == 1:
        return
    for axis in range(max(map(len, shapes), default=0)):
        sizes = {shape[axis] for shape in shapes if len(shape) > axis}
        for size in sorted(sizes - {0, 1}):
            yield from _resized(case, [_with_size(node, size, 1, axis) for node in nodes])


def _with_size(node: ArrayNode, size: int, smaller: int, only_axis: int | None = None) -> ArrayNode:
    """Return an input or a constant with another size in place of one, of every axis or of one."""

    def changed(shape: Shape) -> Shape:
        return tuple(
            smaller if each == size and only_axis in (None, axis) else each
            for axis, each in enumerate(shape)
        )

    match node:
        case ArrayInput(_, shape):
            return replace(node, shape=changed(shape))
        case ArrayConstant(shape, numbers) if shape:
            return ArrayConstant(changed(shape), numbers[: math.prod(changed(shape))])
    return node


def _with_nearer_axes(node: ArrayNode) -> ArrayNode:
    """Return an operation with each axis one nearer to the end that it is counted from."""
    if not isinstance(node, ArrayApply):
        return node

    def nearer(axis: Option) -> Option:
        if isinstance(axis, tuple):
            return tuple(a - (a > 0) + (a < -1) for a in axis if isinstance(a, int))
        return axis - (axis > 0) + (axis < -1) if isinstance(axis, int) else axis

    options = tuple((name, nearer(o) if name == "axis" else o) for name, o in node.options)
    return replace(node, options=options)


def _simpler_options(node: ArrayApply) -> Iterator[ArrayApply]:
    """Yield an operation with simpler options: fewer of them, fewer axes, a shorter index."""
    for place, (name, option) in enumerate(node.options):
        is_optional = name in ("axis", "keepdims") and "keepdims" in node.operation.options
        if is_optional or name in _OPTIONAL:
            yield replace(node, options=(*node.options[:place], *node.options[place + 1 :]))
        for simpler in _simpler_option(name, option):
            options = (*node.options[:place], (name, simpler), *node.options[place + 1 :])
            yield replace(node, options=options)


def _simpler_option(name: str, option: Option) -> Iterator[Option]:
    match name, option:
        case "index", tuple(parts):
            yield from _simpler_index(parts)
        case "shape", tuple(shape):
            is_simple = shape in _SIMPLE_SHAPES
            yield from _SIMPLE_SHAPES[: _SIMPLE_SHAPES.index(shape) if is_simple else None]
        case "axis", tuple(axes):
            yield from (axis for axis in axes if isinstance(axis, int))
        case "axis", int(axis) if axis not in (0, -1):
            yield axis - 1 if axis > 0 else axis + 1
        case "shift", int(shift) if shift != 1:
            yield 1
        case "part", int(part) if part > 0:
            yield part - 1
        case "sections", int(sections) if sections > 1:
            yield sections - 1
        case "labels", tuple(labels) if any(labels):
            yield (0,) * len(labels)
        case "widths", tuple(widths):
            yield from _simpler_widths(widths)


def _simpler_widths(widths: Sequence[object]) -> Iterator[Option]:
    pairs = [pair for pair in widths if isinstance(pair, tuple)]
    for place, (before, after) in enumerate(pairs):
        for simpler in ((before - 1, after), (before, after - 1)):
            if min(simpler) >= 0:
                yield (*pairs[:place], simpler, *pairs[place + 1 :])


def _simpler_index(option: Index) -> Iterator[Option]:
    for place, part in enumerate(option):
        if len(option) > 1:
            yield (*option[:place], *option[place + 1 :])
        if isinstance(part, tuple) and not isinstance(part, Slice) and len(part) > 1:
            for i in range(len(part)):
                yield (*option[:place], (*part[:i], *part[i + 1 :]), *option[place + 1 :])
            if any(part):
                yield (*option[:place], (0,) * len(part), *option[place + 1 :])


def _resized(case: ArrayCase, nodes: Sequence[ArrayNode]) -> Iterator[ArrayCase]:
    inputs = [node for node in nodes if isinstance(node, ArrayInput)]
    counts = [math.prod(x.shape) for x in inputs]
    # Where there were no elements, there is a 1 now.
    numbers = [(*n, 1.0)[:count] for n, count in zip(case.values, counts, strict=True)]
    if [*map(len, numbers)] == counts:
        yield from _case(with_fitting_options(nodes), numbers, case.weights)


def _simpler_numbers(case: ArrayCase) -> Iterator[ArrayCase]:
    """Yield the case with small whole numbers, first everywhere and then one after the other."""
    counting = tuple(tuple(float(1 + i) for i in range(len(numbers))) for numbers in case.values)
    ones = tuple((1.0,) * len(numbers) for numbers in case.values)
    if case.values not in (ones, counting):
        yield replace(case, values=ones)
        yield replace(case, values=counting)
        yield from _one_simpler(case)
    if case.weights is not None:
        if case.program.shape == ():
            yield replace(case, weights=None)
        count = len(case.weights)
        for simple in ((1.0,) * count, tuple(float(1 + i) for i in range(count))):
            if case.weights == simple:
                break
            yield replace(case, weights=simple)


def _one_simpler(case: ArrayCase) -> Iterator[ArrayCase]:
    for place, numbers in enumerate(case.values):
        for index, number in enumerate(numbers):
            better = _SIMPLE[: _SIMPLE.index(number)] if number in _SIMPLE else _SIMPLE
            for simple in better:
                changed = (*numbers[:index], simple, *numbers[index + 1 :])
                whole = (*case.values[:place], changed, *case.values[place + 1 :])
                yield replace(case, values=whole)
