"""The table of array operations: each row is the meaning of one, on arrays of scalar nodes.

The meaning is NumPy's own function on an array of positions wherever elements only move. Where they
are computed with, it is an operation of the scalar table on every element, or on many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gradcheck.arrays.elements import Elements, Positions
from gradcheck.operations import OPERATIONS, Operation

Shape = tuple[int, ...]

Axis = int | Shape | None
"""One axis, several, or all of them."""


class Slice(NamedTuple):
    """A slice as a value that can be compared and hashed."""

    start: int | None = None
    stop: int | None = None
    step: int | None = None


Index = tuple[int | Slice | tuple[int, ...], ...]
"""An index: for each of the first axes a number, a slice, or an array of numbers."""

Option = int | bool | Shape | Index | None

Options = tuple[tuple[str, Option], ...]
"""The options of an operation by name, such as ``(("axis", 0), ("keepdims", True))``."""


@dataclass(frozen=True, slots=True, eq=False)
class ArrayOperation:
    """One operation on arrays.

    ``meaning`` gets the elements made so far, the operands as arrays of nodes, and the options by
    keyword. It returns the array of nodes of the result, whose shape is that of the result. It
    raises ``ValueError`` or ``IndexError`` for shapes that do not fit. ``options`` are the names of
    the options. ``elementwise`` is the operation of the scalar table that is applied to every
    element, if that is all. With ``any_arity`` it takes any number of operands.
    """

    name: str
    meaning: Callable[..., Positions]
    arity: int = 1
    options: tuple[str, ...] = ()
    elementwise: Operation | None = None
    any_arity: bool = False

    @property
    def word(self) -> str:
        """A name that is allowed in file names."""
        return self.name if self.elementwise is None else self.elementwise.word

    @property
    def elementwise_parameters(self) -> int:
        """The number of last operands that are plain numbers, such as the exponent of ``**``."""
        return 0 if self.elementwise is None else self.elementwise.parameters

    def __reduce__(self) -> tuple[Callable[[str], ArrayOperation], tuple[str]]:
        # The meaning is code; every process has it in the table.
        return array_operation, (self.name,)


def index_of(index: Index) -> tuple[int | slice | list[int], ...]:
    """Return an index as NumPy takes it."""

    def as_numpy(part: int | Slice | tuple[int, ...]) -> int | slice | list[int]:
        match part:
            case int():
                return part
            case Slice(start, stop, step):
                return slice(start, stop, step)
        return [*part]

    return tuple(map(as_numpy, index))


def groups(array: Positions, axis: Axis, *, keepdims: bool) -> tuple[Shape, list[list[int]]]:
    """Return the shape of a reduction over some axes, and the nodes for each of its elements."""
    axes = tuple(range(array.ndim)) if axis is None else _several(axis)
    axes = tuple(sorted(a + array.ndim if a < 0 else a for a in axes))
    if len(set(axes)) != len(axes) or not all(0 <= a < array.ndim for a in axes):
        message = f"axis {axis} of an array of {array.ndim} dimensions"
        raise ValueError(message)
    others = [a for a in range(array.ndim) if a not in axes]
    shape = tuple(array.shape[a] for a in others)
    # A reduction over no elements has nothing to reduce, and still one result for each group.
    flat = array.transpose(*others, *axes).reshape(int(np.prod(shape)), -1) if array.size else None
    lists = [[] for _ in np.ndindex(shape)] if flat is None else flat.tolist()
    if keepdims:
        shape = tuple(1 if a in axes else array.shape[a] for a in range(array.ndim))
    return shape, lists


def _several(axis: int | Shape) -> Shape:
    return axis if isinstance(axis, tuple) else (axis,)


def _reduction(
    reduce: Callable[[Elements, Sequence[int]], int], *, needs_elements: bool = False
) -> Callable[..., Positions]:
    def meaning(
        elements: Elements, x: Positions, *, axis: Axis = None, keepdims: bool = False
    ) -> Positions:
        shape, lists = groups(x, axis, keepdims=keepdims)
        if needs_elements and not x.size:
            x.max(axis=axis)  # raises where an axis without elements is reduced
        results = [reduce(elements, nodes) for nodes in lists]
        return np.array(results, dtype=np.intp).reshape(shape)

    return meaning


def _sum(elements: Elements, nodes: Sequence[int]) -> int:
    return elements.sum(nodes)


def _prod(elements: Elements, nodes: Sequence[int]) -> int:
    return elements.reduce(OPERATIONS["prod"], nodes or [elements.number(1.0)])


def _mean(elements: Elements, nodes: Sequence[int]) -> int:
    count = elements.number(float(len(nodes)))
    return elements.apply(OPERATIONS["/"], _sum(elements, nodes), count)


def _of_some(operation: Operation) -> Callable[[Elements, Sequence[int]], int]:
    return lambda elements, nodes: elements.reduce(operation, nodes)


def _of_pairs(operation: Operation) -> Callable[[Elements, Sequence[int]], int]:
    """Return a reduction by one pair after the other, which is as exact and has one derivative."""

    def reduce(elements: Elements, nodes: Sequence[int]) -> int:
        first, *others = nodes
        for node in others:
            first = elements.apply(operation, first, node)
        return first

    return reduce


def _matmul(elements: Elements, x: Positions, y: Positions) -> Positions:
    """Multiply matrices, or stacks of them, whose axes before the last two are broadcast."""
    if not (x.ndim and y.ndim):
        message = "matmul of a number"
        raise ValueError(message)
    left = x[np.newaxis] if x.ndim == 1 else x
    right = y[:, np.newaxis] if y.ndim == 1 else y
    if left.shape[-1] != right.shape[-2]:
        message = f"matmul of shapes {x.shape} and {y.shape}"
        raise ValueError(message)
    rows = left[..., :, np.newaxis, :]
    columns = np.swapaxes(right, -1, -2)[..., np.newaxis, :, :]
    rows, columns = np.broadcast_arrays(rows, columns)
    products = elements.elementwise(OPERATIONS["*"], rows, columns)
    result = _reduction(_sum)(elements, products, axis=-1)
    if x.ndim == 1:
        result = result[..., 0, :]
    return result[..., 0] if y.ndim == 1 else result


def _moved(function: Callable[..., Positions]) -> Callable[..., Positions]:
    """Return the meaning of an operation that only moves elements."""
    return lambda _elements, *arrays, **options: function(*arrays, **options)


def _cumsum(elements: Elements, x: Positions, *, axis: int) -> Positions:
    lines = np.moveaxis(x, axis, -1)
    result = np.array(lines)
    for place in np.ndindex(lines.shape):
        result[place] = elements.sum(lines[(*place[:-1], slice(0, place[-1] + 1))].tolist())
    return np.moveaxis(result, -1, axis)


def _softmax(elements: Elements, x: Positions, *, axis: int) -> Positions:
    """Return ``exp(x - m) / sum(exp(x - m))`` along an axis, where m is the largest element.

    An engine need not subtract m, and need not go through these steps on its way back: the sum of
    what reaches m is zero. By ``s*(g - sum(g*s))`` it loses no more digits than step by step, as
    there the same two terms are subtracted, ``g*s`` and ``s*sum(g*s)``.
    """
    _, exponentials, total = _shifted(elements, x, axis)
    return elements.elementwise(OPERATIONS["/"], exponentials, total)


def _log_softmax(elements: Elements, x: Positions, *, axis: int) -> Positions:
    """Return ``x - m - log(sum(exp(x - m)))`` along an axis, the three terms in any order."""
    largest, _, total = _shifted(elements, x, axis)
    negated = elements.elementwise(OPERATIONS["neg"], largest)
    logarithm = elements.elementwise(OPERATIONS["log"], total)
    lost = elements.elementwise(OPERATIONS["neg"], logarithm)
    return elements.elementwise(OPERATIONS["sum"], x, negated, lost)


def _shifted(elements: Elements, x: Positions, axis: int) -> tuple[Positions, Positions, Positions]:
    """Return the largest element m along an axis, ``exp(x - m)``, and the sum of these."""
    maximum = _reduction(_of_pairs(OPERATIONS["max"]), needs_elements=True)
    largest = maximum(elements, x, axis=axis, keepdims=True)
    exponentials = elements.elementwise(
        OPERATIONS["exp"], elements.elementwise(OPERATIONS["-"], x, largest)
    )
    return largest, exponentials, _reduction(_sum)(elements, exponentials, axis=axis, keepdims=True)


def _elementwise(name: str, operation: Operation) -> ArrayOperation:
    def meaning(elements: Elements, *operands: Positions) -> Positions:
        return elements.elementwise(operation, *operands)

    return ArrayOperation(name, meaning, operation.arity, elementwise=operation)


OTHER_NAMES = {"max": "maximum", "min": "minimum"}
"""NumPy's names where the scalar table calls an operation on two numbers as one on an axis."""

ONLY_OVER_AXES = ("sum", "prod", "logsumexp")
"""Rows of the scalar table that arrays have as reductions only."""


def elementwise_operations(operations: Iterable[Operation]) -> dict[str, ArrayOperation]:
    """Return the rows of the scalar table as operations on every element, by name."""
    rows = (OTHER_NAMES.get(o.name, o.name) for o in operations if o.name not in ONLY_OVER_AXES)
    named = {other: name for name, other in OTHER_NAMES.items()}
    return {name: _elementwise(name, OPERATIONS[named.get(name, name)]) for name in rows}


_NEED_ELEMENTS = ("mean", "max", "min", "logsumexp")
"""Reductions that have no result for no elements."""

REDUCTIONS: dict[str, Callable[[Elements, Sequence[int]], int]] = {
    "sum": _sum,
    "mean": _mean,
    "prod": _prod,
    **{name: _of_pairs(OPERATIONS[name]) for name in ("max", "min")},
    "logsumexp": _of_some(OPERATIONS["logsumexp"]),
}

_MOVING: dict[str, tuple[Callable[..., Positions], str]] = {
    "reshape": (lambda x, *, shape: x.reshape(shape), "shape"),
    "transpose": (lambda x, *, axes=None: x.transpose(axes), "axes"),
    "index": (lambda x, *, index: np.asarray(x[index_of(index)]), "index"),
    "squeeze": (lambda x, *, axis: x.squeeze(axis), "axis"),
    "expand_dims": (lambda x, *, axis: np.expand_dims(x, axis), "axis"),
    "broadcast_to": (lambda x, *, shape: np.broadcast_to(x, shape), "shape"),
    "flip": (lambda x, *, axis: np.flip(x, axis), "axis"),
}
"""Operations that only move the elements of an array, each with its one option."""

_ROWS = (
    *(
        ArrayOperation(
            name,
            _reduction(reduce, needs_elements=name in _NEED_ELEMENTS),
            options=("axis", "keepdims"),
        )
        for name, reduce in REDUCTIONS.items()
    ),
    ArrayOperation("cumsum", _cumsum, options=("axis",)),
    ArrayOperation("softmax", _softmax, options=("axis",)),
    ArrayOperation("log_softmax", _log_softmax, options=("axis",)),
    ArrayOperation("matmul", _matmul, 2),
    *(
        ArrayOperation(name, _moved(function), options=(option,))
        for name, (function, option) in _MOVING.items()
    ),
    *(
        ArrayOperation(name, _moved(function), 2, ("axis",), any_arity=True)
        for name, function in {
            "concatenate": lambda *xs, axis: np.concatenate(xs, axis),
            "stack": lambda *xs, axis: np.stack(xs, axis),
        }.items()
    ),
)

ARRAY_OPERATIONS: dict[str, ArrayOperation] = {
    **elementwise_operations(OPERATIONS.values()),
    **{row.name: row for row in _ROWS},
}
"""Every array operation by name."""


OPTION_BY_POSITION = {
    name: row.options[0]
    for name, row in ARRAY_OPERATIONS.items()
    if row.options and row.arity == 1 and name != "index"
}
"""The option that may be given without its name, after the operand."""


def array_operation(name: str) -> ArrayOperation:
    """Return the array operation of a name. Raises ``KeyError`` for one that there is not."""
    return ARRAY_OPERATIONS[name]
