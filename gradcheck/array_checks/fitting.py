"""Cut the options of a smaller program to its shapes: labels, masks, widths and windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradcheck.arrays.elements import Elements, Positions
from gradcheck.arrays.operations import IndexPart, Mask, Option, Options, Shape
from gradcheck.arrays.program import ArrayApply, ArrayConstant, ArrayInput, ArrayNode


def with_fitting_options(nodes: Sequence[ArrayNode]) -> list[ArrayNode]:
    """Return the nodes with options cut off to the shapes of their operands.

    From the first operation that does not fit at all, the nodes stay as they are.
    """
    elements, arrays = Elements(), list[Positions]()
    fitted: list[ArrayNode] = []
    for node in nodes:
        match node:
            case ArrayInput(name, shape):
                arrays.append(elements.inputs(name, shape))
            case ArrayConstant():
                arrays.append(elements.constants(node.array))
            case ArrayApply(operation, operands, options):
                made = [arrays[i] for i in operands]
                options = _cut(options, made[0].shape)
                node = replace(node, options=options)  # noqa: PLW2901 - the fitting one
                try:
                    arrays.append(operation.result(elements, made, options))
                except ValueError:
                    return [*fitted, *nodes[len(fitted) :]]
        fitted.append(node)
    return fitted


def _cut(options: Options, shape: Shape) -> Options:
    return tuple((name, _cut_option(name, option, shape)) for name, option in options)


def _cut_option(name: str, option: Option, shape: Shape) -> Option:
    if not isinstance(option, tuple) or not shape:
        return option
    match name:
        case "labels" if len(shape) > 1:
            labels = [label for label in option if isinstance(label, int)]
            return tuple(min(label, shape[1] - 1) for label in labels[: shape[0]])
        case "widths":
            return option[-len(shape) :]
        case "size":
            return tuple(
                min(n, size)
                for n, size in zip(option, shape[-len(option) :], strict=False)
                if isinstance(n, int)
            )
        case "index":
            return tuple(_cut_part(part, shape) for part in option)
    return option


def _cut_part(part: IndexPart, shape: Shape) -> IndexPart:
    if not isinstance(part, Mask) or part.shape == shape:
        return part
    array = part.array
    while array.ndim > len(shape):
        array = array[0]
    array = array[tuple(slice(size) for size in shape[: array.ndim])]
    return Mask(array.shape, tuple(array.ravel().tolist()))
