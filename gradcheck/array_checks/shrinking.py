"""Find the smallest array case of a bug: fewest operations, smallest shapes, simplest numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from gradcheck.array_checks.generation import without_unused
from gradcheck.array_checks.values import values_in_floats
from gradcheck.arrays.program import (
    ArrayApply,
    ArrayCase,
    ArrayConstant,
    ArrayInput,
    ArrayNode,
    ArrayProgram,
    Numbers,
)

StillShows = Callable[[ArrayCase], bool]

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
    shapes = case.program.shapes
    applied = [i for i, node in enumerate(nodes) if isinstance(node, ArrayApply)]
    values = values_in_floats(case)
    for i in applied[:-1]:
        yield from _program(case, nodes[: i + 1])
    for i in applied:
        node = nodes[i]
        assert isinstance(node, ArrayApply)
        for operand in dict.fromkeys(node.operands):
            if shapes[operand] == shapes[i] and not isinstance(nodes[operand], ArrayConstant):
                yield from _program(case, _with_operand(nodes, i, operand))
        if i != applied[-1] and all(math.isfinite(x) for x in values[i].ravel().tolist()):
            yield from _cut(case, i, tuple(values[i].ravel().tolist()))


def _with_operand(nodes: Sequence[ArrayNode], position: int, operand: int) -> list[ArrayNode]:
    """Return the nodes before ``position``, and those after it with an operand in its place."""
    changed: list[ArrayNode] = []
    for i, node in enumerate(nodes):
        if isinstance(node, ArrayApply) and i > position:
            operands = tuple(operand if k == position else k for k in node.operands)
            node = replace(node, operands=operands)
        changed.append(node)
    return changed if position != len(nodes) - 1 else changed[: operand + 1]


def _cut(case: ArrayCase, position: int, numbers: Numbers) -> Iterator[ArrayCase]:
    """Yield the case with an input in place of an operation, at the operation's value."""
    count = len(case.program.inputs)
    names = [x.name for x in case.program.inputs]
    name = next(n for n in "abcdefghijklmnopqrstuvw" if n not in names)
    moved = {i: i + (i >= count) for i in range(len(case.program.nodes))}
    moved[position] = count
    nodes: list[ArrayNode] = [*case.program.inputs, ArrayInput(name, case.program.shapes[position])]
    for node in case.program.nodes[count:]:
        if isinstance(node, ArrayApply):
            node = replace(node, operands=tuple(moved[i] for i in node.operands))
        nodes.append(node)
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
    """Return the program with its inputs named x, y, z, and then a, b, c."""
    names = iter("xyzabcdefghijklmnopqrstuvw")
    nodes = [
        replace(node, name=next(names)) if isinstance(node, ArrayInput) else node
        for node in program.nodes
    ]
    return ArrayProgram(tuple(nodes))


def _weights(program: ArrayProgram, weights: Numbers | None) -> Numbers | None:
    count = math.prod(program.shape)
    if program.shape == () and weights is None:
        return None
    return tuple((weights or (1.0,))[i % len(weights or (1.0,))] for i in range(count))


def _smaller_shapes(case: ArrayCase) -> Iterator[ArrayCase]:
    """Yield the case with every axis of one size shorter, or with one axis of an input shorter."""
    nodes = case.program.nodes
    sizes = sorted({size for x in case.program.inputs for size in x.shape if size > 1})
    for size in reversed(sizes):
        for smaller in range(1, size):
            yield from _resized(
                case, [_with_shape(n, lambda s: smaller if s == size else s) for n in nodes]
            )
    for position, x in enumerate(case.program.inputs):
        for axis, size in enumerate(x.shape):
            for smaller in range(1, size):
                shape = (*x.shape[:axis], smaller, *x.shape[axis + 1 :])
                changed = [*nodes]
                changed[position] = replace(x, shape=shape)
                yield from _resized(case, changed)
        if len(x.shape) > 0:
            changed = [*nodes]
            changed[position] = replace(x, shape=x.shape[1:])
            yield from _resized(case, changed)


def _with_shape(node: ArrayNode, change: Callable[[int], int]) -> ArrayNode:
    match node:
        case ArrayInput(_, shape):
            return replace(node, shape=tuple(map(change, shape)))
        case ArrayConstant(shape, numbers) if shape:
            shape = tuple(map(change, shape))
            return ArrayConstant(shape, numbers[: math.prod(shape)])
    return node


def _resized(case: ArrayCase, nodes: Sequence[ArrayNode]) -> Iterator[ArrayCase]:
    inputs = [node for node in nodes if isinstance(node, ArrayInput)]
    numbers = [n[: math.prod(x.shape)] for x, n in zip(inputs, case.values, strict=True)]
    if all(len(n) == math.prod(x.shape) for x, n in zip(inputs, numbers, strict=True)):
        yield from _case(nodes, numbers, case.weights)


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
