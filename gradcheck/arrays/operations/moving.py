"""Operations that only move the elements of arrays, or put zeros beside them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradcheck.arrays.elements import Elements, Positions
from gradcheck.arrays.operations.operation import ArrayOperation, Widths, index_of


def _moved(function: Callable[..., Positions]) -> Callable[..., Positions]:
    """Return the meaning of an operation that only moves elements."""
    return lambda _elements, *arrays, **options: function(*arrays, **options)


def _split(x: Positions, *, sections: int, part: int, axis: int) -> Positions:
    """Return one of several parts of the same size."""
    parts: list[Positions] = np.split(x, sections, axis)
    return parts[part]


def padded(elements: Elements, x: Positions, *, widths: Widths) -> Positions:
    """Return an array with zeros before and after it along each axis."""
    if len(widths) != x.ndim or not x.ndim:
        message = f"pad needs two numbers for each of {x.ndim} axes"
        raise ValueError(message)
    made: Positions = np.pad(x, widths, constant_values=elements.number(0.0))
    return made


def _triangle(of_ones: Callable[..., object]) -> Callable[..., Positions]:
    """Return the meaning of a triangle of a matrix, with zeros elsewhere."""

    def meaning(elements: Elements, x: Positions, *, k: int = 0) -> Positions:
        if x.ndim < 2:  # noqa: PLR2004 - a matrix has two axes
            message = f"a triangle of an array of {x.ndim} dimensions"
            raise ValueError(message)
        is_kept = of_ones(np.ones(x.shape, dtype=np.bool_), k)
        return np.where(is_kept, x, elements.number(0.0))

    return meaning


_OF_ONE: dict[str, tuple[Callable[..., Positions], tuple[str, ...]]] = {
    "reshape": (lambda x, *, shape: x.reshape(shape), ("shape",)),
    "transpose": (lambda x, *, axes=None: x.transpose(axes), ("axes",)),
    "index": (lambda x, *, index: np.asarray(x[index_of(index)]), ("index",)),
    "squeeze": (lambda x, *, axis: x.squeeze(axis), ("axis",)),
    "expand_dims": (lambda x, *, axis: np.expand_dims(x, axis), ("axis",)),
    "broadcast_to": (lambda x, *, shape: np.broadcast_to(x, shape), ("shape",)),
    "flip": (lambda x, *, axis: np.flip(x, axis), ("axis",)),
    "roll": (lambda x, *, shift, axis: np.roll(x, shift, axis), ("shift", "axis")),
    "diagonal": (lambda x, *, offset=0: np.diagonal(x, offset), ("offset",)),
    "split": (_split, ("sections", "axis", "part")),
}
"""Operations that only move the elements of an array, each with its options."""

_OF_SEVERAL: dict[str, Callable[..., Positions]] = {
    "concatenate": lambda *xs, axis: np.concatenate(xs, axis),
    "stack": lambda *xs, axis: np.stack(xs, axis),
}

MOVING = (
    *(
        ArrayOperation(name, _moved(function), options=options)
        for name, (function, options) in _OF_ONE.items()
    ),
    ArrayOperation("pad", padded, options=("widths",)),
    ArrayOperation("tril", _triangle(np.tril), options=("k",)),
    ArrayOperation("triu", _triangle(np.triu), options=("k",)),
    *(
        ArrayOperation(name, _moved(function), 2, ("axis",), any_arity=True)
        for name, function in _OF_SEVERAL.items()
    ),
)
"""Operations that put elements elsewhere."""
