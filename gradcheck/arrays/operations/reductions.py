"""Operations that reduce axes, or run along one: sums, extremes, variances and norms."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gradcheck.arrays.elements import Elements, Positions
from gradcheck.arrays.operations.operation import ArrayOperation, Axis, Shape
from gradcheck.operations import OPERATIONS, Operation

Reduce = Callable[[Elements, Sequence[int]], int]
"""A function of some nodes that returns one."""


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


def reduced(
    elements: Elements,
    x: Positions,
    reduce: Reduce,
    *,
    axis: Axis = None,
    keepdims: bool = False,
    needs_elements: bool = False,
) -> Positions:
    """Return the results of a function for the nodes along some axes."""
    shape, lists = groups(x, axis, keepdims=keepdims)
    if needs_elements and not x.size:
        x.max(axis=axis)  # raises where an axis without elements is reduced
    results = [reduce(elements, nodes) for nodes in lists]
    return np.array(results, dtype=np.intp).reshape(shape)


def total(elements: Elements, nodes: Sequence[int]) -> int:
    """Return the sum of some nodes."""
    return elements.sum(nodes)


def _prod(elements: Elements, nodes: Sequence[int]) -> int:
    """Return the product of some nodes, and of a single one with 1: its gradient may be g*r/x."""
    factors = nodes if len(nodes) > 1 else [*nodes, elements.number(1.0)]
    return elements.reduce(OPERATIONS["prod"], factors)


def mean(elements: Elements, nodes: Sequence[int]) -> int:
    """Return the mean of some nodes."""
    return _divided(elements, total(elements, nodes), len(nodes))


def _divided(elements: Elements, node: int, count: int) -> int:
    return elements.apply(OPERATIONS["/"], node, elements.number(float(count)))


def of_pairs(operation: Operation) -> Reduce:
    """Return a reduction by one pair after the other, for an operation that rounds nothing."""

    def reduce(elements: Elements, nodes: Sequence[int]) -> int:
        first, *others = nodes
        for node in others:
            first = elements.apply(operation, first, node)
        return first

    return reduce


def squares(elements: Elements, nodes: Sequence[int]) -> list[int]:
    """Return the square of each node."""
    return [elements.apply(OPERATIONS["*"], node, node) for node in nodes]


def deviations(elements: Elements, nodes: Sequence[int]) -> list[int]:
    """Return the difference of each node and their mean."""
    centre = mean(elements, nodes)
    return [elements.apply(OPERATIONS["-"], node, centre) for node in nodes]


def variance(elements: Elements, nodes: Sequence[int], *, ddof: int = 0) -> int:
    """Return the sum of the squared deviations of n nodes, divided by ``n - ddof``.

    Two formulas are in use, and the second one cancels: the mean of ``(x - m)**2``, and the mean of
    ``x**2`` less ``m**2``. With q for the sum of ``x**2``, the second one is off by at most
    ``(3n + 3)*u*q/(n - ddof)``: ``(n + 1)*u*q`` from q, and ``(2n + 2)*u*q`` from ``n*m**2``, as
    ``n*m*mean(|x|) <= q``. Its gradient is off by ``3*u`` of each of ``2*g*x/(n - ddof)`` and
    ``2*g*m/(n - ddof)``, where m is off by ``n*u`` of the mean of ``|x|``.

    So ``q + q - q - q``, which is zero, is added to the squared deviations. That allows
    ``(4n + 12)*u*q`` for the value, and at least ``24*u*g*x/(n - ddof)`` for the gradient of x. As
    ``|m| <= |x - m| + |x|``, the error of the term with m is within what is allowed for the
    deviation and for x. The error of m itself is allowed twice: in the deviations, and in the
    gradient of the mean, which is zero. An engine may leave that zero out, as
    ``2*g*(x - m)/(n - ddof)`` does.
    """
    if len(nodes) <= ddof:
        message = f"var of {len(nodes)} elements with ddof={ddof}"
        raise ValueError(message)
    deviating = squares(elements, deviations(elements, nodes))
    q = total(elements, squares(elements, nodes))
    negated = elements.apply(OPERATIONS["neg"], q)
    zero = elements.sum([q, q, negated, negated])
    return _divided(elements, elements.sum([*deviating, zero]), len(nodes) - ddof)


def _var(
    elements: Elements, x: Positions, *, axis: Axis = None, keepdims: bool = False, ddof: int = 0
) -> Positions:
    def reduce(elements: Elements, nodes: Sequence[int]) -> int:
        return variance(elements, nodes, ddof=ddof)

    return reduced(elements, x, reduce, axis=axis, keepdims=keepdims)


def _norm(elements: Elements, nodes: Sequence[int]) -> int:
    """Return the root of the sum of squares.

    The root is a power of 0.5, which may be off by 4 ulp. That is more than what is lost where the
    largest element is divided out first, and where the gradient is ``g*x/r``. At 0 there is no
    derivative, and nothing is claimed of it.
    """
    of_squares = total(elements, squares(elements, nodes))
    return elements.apply(OPERATIONS["**"], of_squares, elements.number(0.5))


def _logsumexp(elements: Elements, nodes: Sequence[int]) -> int:
    """Return the logarithm of a sum of exponentials.

    That of a single node rounds too: its gradient may be ``g*(1/s)`` for the sum s = 1, and the
    reciprocal of a vector may be off by a unit.
    """
    return elements.apply(OPERATIONS["logsumexp"], *nodes)


def _row(name: str, reduce: Reduce, *, needs_elements: bool = False) -> ArrayOperation:
    def meaning(
        elements: Elements, x: Positions, *, axis: Axis = None, keepdims: bool = False
    ) -> Positions:
        return reduced(
            elements, x, reduce, axis=axis, keepdims=keepdims, needs_elements=needs_elements
        )

    return ArrayOperation(name, meaning, options=("axis", "keepdims"))


def _cumulated(reduce: Reduce) -> Callable[..., Positions]:
    """Return the meaning of a reduction of the first elements along an axis, of 1, 2 and so on."""

    def meaning(elements: Elements, x: Positions, *, axis: int) -> Positions:
        lines = np.moveaxis(x, axis, -1)
        result = np.array(lines)
        for place in np.ndindex(lines.shape):
            first = lines[(*place[:-1], slice(0, place[-1] + 1))].tolist()
            result[place] = reduce(elements, first)
        return np.moveaxis(result, -1, axis)

    return meaning


REDUCTIONS = (
    _row("sum", total),
    _row("mean", mean, needs_elements=True),
    _row("prod", _prod),
    *(_row(name, of_pairs(OPERATIONS[name]), needs_elements=True) for name in ("max", "min")),
    _row("logsumexp", _logsumexp, needs_elements=True),
    ArrayOperation("var", _var, options=("axis", "keepdims", "ddof")),
    _row("norm", _norm),
)
"""Reductions over one axis, several, or all."""

CUMULATIONS = (
    ArrayOperation("cumsum", _cumulated(total), options=("axis",)),
    ArrayOperation("cumprod", _cumulated(_prod), options=("axis",)),
)
"""Reductions of the first elements along an axis."""
