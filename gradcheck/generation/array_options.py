"""Random options of array operations: axes, shapes, indices, and others."""

from __future__ import annotations

import math
from collections.abc import Callable

from gradcheck.arrays.elements import MATRIX_DIMENSIONS
from gradcheck.arrays.operations import (
    EPSILONS,
    REDUCTION_NAMES,
    IndexPart,
    Mask,
    Option,
    Options,
    Shape,
    Slice,
)
from gradcheck.generation.choices import Choices

SIZES = (2, 3, 1, 4)
"""The sizes of axes, the simplest first."""

_MOST_ARRAYS = 2
"""Index arrays in one index."""

_MASK_ONE_IN = 8
"""One index in eight is a mask."""


def draw_options(name: str, choices: Choices, shape: Shape) -> Options | None:
    """Return options of an operation on an array of a shape, ``None`` if none fit."""
    draw = _OPTIONS.get(name)
    return () if draw is None else draw(choices, shape)


def _axis(choices: Choices, dimensions: int) -> int:
    """Return one of the axes, counted from the end half of the time."""
    axis = choices.below(max(dimensions, 1))
    return axis - dimensions if choices.below(2) else axis


def _of_reduction(choices: Choices, shape: Shape) -> Options:
    options: list[tuple[str, Option]] = []
    match choices.below(4):
        case 1 | 2 if shape:
            options.append(("axis", _axis(choices, len(shape))))
        case 3 if len(shape) > 1:
            first = choices.below(len(shape))
            others = [a for a in range(len(shape)) if a != first]
            options.append(("axis", (first, choices.one_of(others))))
    if choices.below(3) == 2:  # noqa: PLR2004 - one in three
        options.append(("keepdims", True))
    return tuple(options)


def _of_reshape(choices: Choices, shape: Shape) -> Options:
    size = math.prod(shape)
    factors = [n for n in range(1, size + 1) if size % n == 0] or [1]
    first = choices.one_of(factors)
    whole: list[Shape] = [(size,), (first, -1), (-1, first), (1, size), tuple(reversed(shape))]
    return (("shape", choices.one_of(whole)),)


def _of_transpose(choices: Choices, shape: Shape) -> Options:
    if len(shape) > MATRIX_DIMENSIONS and choices.below(4) > 0:
        first = 1 + choices.below(len(shape) - 1)  # a rotation, which is not its own inverse
        return (("axes", (*range(first, len(shape)), *range(first))),)
    if choices.below(2) == 0:
        return ()
    left, axes = list(range(len(shape))), []
    while left:
        axes.append(left.pop(choices.below(len(left))))
    return (("axes", tuple(axes)),)


def _of_index(choices: Choices, shape: Shape) -> Options | None:
    """Return an index: numbers and slices, or slices and arrays, which may name an element twice.

    Several arrays have one length. A mask, which is rare, has the shape of all the axes.
    """
    if not shape or 0 in shape:
        return None
    if choices.below(_MASK_ONE_IN) == _MASK_ONE_IN - 1:
        return (("index", (_mask(choices, shape),)),)
    parts: list[IndexPart] = []
    count = 0
    for axis in range(1 + choices.below(len(shape))):
        size = shape[axis]
        kind = choices.below(3)
        arrays = sum(isinstance(part, tuple) and not isinstance(part, Slice) for part in parts)
        if kind == 0 and arrays < _MOST_ARRAYS and not any(isinstance(p, int) for p in parts):
            count = count or 1 + choices.below(3)
            parts.append(tuple(choices.below(size) for _ in range(count)))
        elif kind == 1 and not arrays:
            parts.append(choices.below(size) - (size if choices.below(3) == 0 else 0))
        else:
            parts.append(choices.one_of(_SLICES))
    return (("index", tuple(parts)),)


def _mask(choices: Choices, shape: Shape) -> Mask:
    return Mask(shape, tuple(choices.below(2) == 0 for _ in range(math.prod(shape))))


_SLICES = (Slice(), Slice(1), Slice(None, -1), Slice(None, None, 2), Slice(None, None, -1))


def _one_axis(choices: Choices, shape: Shape) -> Options | None:
    return (("axis", _axis(choices, len(shape))),) if shape else None


def _of_squeeze(choices: Choices, shape: Shape) -> Options | None:
    ones = [axis for axis, size in enumerate(shape) if size == 1]
    return (("axis", choices.one_of(ones)),) if ones else None


def _of_expand_dims(choices: Choices, shape: Shape) -> Options:
    return (("axis", choices.below(len(shape) + 1)),)


def _of_broadcast_to(choices: Choices, shape: Shape) -> Options:
    wider = tuple(choices.one_of(SIZES) if size == 1 else size for size in shape)
    return (("shape", (choices.one_of(SIZES), *wider) if choices.below(2) else wider),)


def _of_var(choices: Choices, shape: Shape) -> Options | None:
    """Return options with which more than one element is reduced; the variance of one is 0."""
    options = _of_reduction(choices, shape)
    if math.prod(shape[axis] for axis in _axes(dict(options).get("axis"), shape)) <= 1:
        return None
    return (*options, ("ddof", 1)) if choices.below(2) else options


def _axes(axis: Option, shape: Shape) -> Shape:
    """Return the axes that an option names."""
    if axis is None:
        return tuple(range(len(shape)))
    if isinstance(axis, int):
        return (axis,)
    return tuple(a for a in axis if isinstance(a, int)) if isinstance(axis, tuple) else ()


def _of_pad(choices: Choices, shape: Shape) -> Options | None:
    if not shape:
        return None
    widths = tuple((choices.below(3), choices.below(2)) for _ in shape)
    return (("widths", widths),)


def _of_roll(choices: Choices, shape: Shape) -> Options | None:
    if not shape:
        return None
    return (("shift", choices.one_of((1, -1, 2))), ("axis", _axis(choices, len(shape))))


def _of_split(choices: Choices, shape: Shape) -> Options | None:
    if not shape:
        return None
    axis = choices.below(len(shape))
    sections = [n for n in range(1, shape[axis] + 1) if shape[axis] % n == 0]
    if not sections:
        return None
    chosen = sections[choices.below(len(sections)) - 1]
    return (("sections", chosen), ("part", choices.below(chosen)), ("axis", axis))


def _offset(name: str) -> Callable[[Choices, Shape], Options]:
    return lambda choices, _shape: ((name, choices.one_of((0, 1, -1))),)


def _of_cross_entropy(choices: Choices, shape: Shape) -> Options | None:
    if len(shape) != 2 or not shape[0] or shape[1] <= 1:  # noqa: PLR2004 - examples and classes
        return None
    examples, classes = shape
    return (("labels", tuple(choices.below(classes) for _ in range(examples))),)


_FEWEST = 3
"""Elements that are normalized; two of them become 1 and -1, whatever they are."""


def _of_layer_norm(choices: Choices, shape: Shape) -> Options | None:
    axes = (-2, -1) if choices.below(3) == 2 and len(shape) > 1 else (-1,)  # noqa: PLR2004
    if not shape or math.prod(shape[axis] for axis in axes) < _FEWEST:
        return None
    axis: Option = axes if len(axes) > 1 else -1
    return (("axis", axis), ("eps", choices.one_of(EPSILONS)))


def _of_batch_norm(choices: Choices, shape: Shape) -> Options | None:
    is_matrix = len(shape) > 1 and math.prod((shape[0], *shape[2:])) >= _FEWEST
    return (("eps", choices.one_of(EPSILONS)),) if is_matrix else None


def _of_convolution(choices: Choices, _shape: Shape) -> Options:
    stride, padding = choices.one_of((1, 2)), choices.below(2)
    return (("stride", stride), ("padding", padding))


def _of_pool(choices: Choices, shape: Shape) -> Options | None:
    dimensions = len(shape) - 2
    if not 1 <= dimensions <= 2:  # noqa: PLR2004 - after those of examples and channels
        return None
    options: Options = (("size", (2,) * dimensions),)
    return (*options, ("stride", 1)) if choices.below(2) else options


_OPTIONS: dict[str, Callable[[Choices, Shape], Options | None]] = {
    **dict.fromkeys(REDUCTION_NAMES, _of_reduction),
    **dict.fromkeys(
        ("cumsum", "cumprod", "softmax", "log_softmax", "flip", "concatenate", "stack"), _one_axis
    ),
    "var": _of_var,
    "reshape": _of_reshape,
    "transpose": _of_transpose,
    "index": _of_index,
    "squeeze": _of_squeeze,
    "expand_dims": _of_expand_dims,
    "broadcast_to": _of_broadcast_to,
    "roll": _of_roll,
    "diagonal": _offset("offset"),
    "tril": _offset("k"),
    "triu": _offset("k"),
    "split": _of_split,
    "pad": _of_pad,
    "cross_entropy": _of_cross_entropy,
    "layer_norm": _of_layer_norm,
    "batch_norm": _of_batch_norm,
    "conv1d": _of_convolution,
    "conv2d": _of_convolution,
    "max_pool": _of_pool,
    "avg_pool": _of_pool,
}
