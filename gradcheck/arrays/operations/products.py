"""Sums of products: matmul, outer, convolutions; and the pools over the same windows."""

from __future__ import annotations

import numpy as np

from gradcheck.arrays.elements import Elements, Positions
from gradcheck.arrays.operations.moving import padded
from gradcheck.arrays.operations.operation import ArrayOperation, Shape
from gradcheck.arrays.operations.reductions import Reduce, mean, of_pairs, reduced, total
from gradcheck.operations import OPERATIONS


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
    result = _sum_of_products(elements, rows, columns, axes=(-1,))
    if x.ndim == 1:
        result = result[..., 0, :]
    return result[..., 0] if y.ndim == 1 else result


def _sum_of_products(elements: Elements, x: Positions, y: Positions, *, axes: Shape) -> Positions:
    """Return the products of two arrays, broadcast, and added up over some axes."""
    x, y = np.broadcast_arrays(x, y)
    products = elements.elementwise(OPERATIONS["*"], x, y)
    return reduced(elements, products, total, axis=axes)


def _outer(elements: Elements, x: Positions, y: Positions) -> Positions:
    """Multiply each element of a vector with each of another."""
    if not x.ndim == y.ndim == 1:
        message = f"outer of shapes {x.shape} and {y.shape}"
        raise ValueError(message)
    return elements.elementwise(OPERATIONS["*"], x[:, np.newaxis], y)


def _convolution(dimensions: int, name: str) -> ArrayOperation:
    """Return a convolution over the last axes, as networks call it: the kernel is not flipped.

    The input has the axes of examples and channels first, and the kernel those of the channels of
    the result and of the input.
    """

    def meaning(
        elements: Elements, x: Positions, kernel: Positions, *, stride: int = 1, padding: int = 0
    ) -> Positions:
        size = kernel.shape[2:]
        is_image = x.ndim == kernel.ndim == 2 + dimensions and x.size and kernel.size
        if not is_image or x.shape[1] != kernel.shape[1]:
            message = f"{name} of shapes {x.shape} and {kernel.shape}"
            raise ValueError(message)
        if padding < 0:
            message = f"a padding of {padding}"
            raise ValueError(message)
        around = ((0, 0), (0, 0), *((padding, padding),) * dimensions)
        windows = _windows(padded(elements, x, widths=around), size, (stride,) * dimensions)
        # (example, 1, channel, place, window) times (1, result, channel, 1, window)
        left = windows[:, np.newaxis]
        middle = (np.newaxis,) * dimensions
        right = kernel[(np.newaxis, slice(None), slice(None), *middle)]
        axes = (2, *range(-dimensions, 0))
        return _sum_of_products(elements, left, right, axes=axes)

    return ArrayOperation(name, meaning, 2, ("stride", "padding"))


def _windows(x: Positions, size: Shape, stride: Shape) -> Positions:
    """Return the windows over the last axes of an array, as many more axes at the end."""
    if not all(step > 0 for step in (*stride, *size)):
        message = f"windows of size {size}, {stride} apart"
        raise ValueError(message)
    axes = tuple(range(-len(size), 0))
    windows: Positions = np.lib.stride_tricks.sliding_window_view(x, size, axes)
    steps = tuple(slice(None, None, step) for step in stride)
    return windows[(..., *steps, *(slice(None),) * len(size))]


def _pool(name: str, reduce: Reduce) -> ArrayOperation:
    """Return a reduction of each window over the last axes, which lie side by side."""

    def meaning(
        elements: Elements, x: Positions, *, size: Shape, stride: int | None = None
    ) -> Positions:
        if not 0 < len(size) <= x.ndim or not x.size:
            message = f"windows of size {size} in an array of shape {x.shape}"
            raise ValueError(message)
        windows = _windows(x, size, size if stride is None else (stride,) * len(size))
        return reduced(elements, windows, reduce, axis=tuple(range(-len(size), 0)))

    return ArrayOperation(name, meaning, options=("size", "stride"))


PRODUCTS = (
    ArrayOperation("matmul", _matmul, 2),
    ArrayOperation("outer", _outer, 2),
    _convolution(1, "conv1d"),
    _convolution(2, "conv2d"),
)
"""Sums of products of two arrays."""

POOLS = (_pool("max_pool", of_pairs(OPERATIONS["max"])), _pool("avg_pool", mean))
"""Reductions of windows over the last axes."""
