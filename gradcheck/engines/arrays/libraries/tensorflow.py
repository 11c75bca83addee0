"""TensorFlow, on the CPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from gradcheck.arrays.operations import Axis, Index, Shape, index_of
from gradcheck.engines.arrays.driving import FunctionArrays
from gradcheck.engines.arrays.libraries.numpy_like import of_every_element
from gradcheck.engines.functions import FunctionEngine, Transform
from gradcheck.engines.libraries.tensorflow import recorded


def engine(scalar: FunctionEngine) -> FunctionArrays:
    """Return TensorFlow as an engine of arrays, given its scalar adapter."""
    transform: Any = scalar.transform
    functions = {**of_every_element(scalar.functions), **_FUNCTIONS}
    missing = {
        "matmul of one dimension",
        "norm over several axes",
        "var with ddof=1",
        "index by several arrays",
    }
    return FunctionArrays(
        scalar.spec,
        _Transform(transform, transform.dtype),
        functions,
        scalar.precision,
        frozenset(missing),
    )


@dataclass(frozen=True, slots=True)
class _Transform:
    numbers: Transform
    dtype: Any

    def settings(self) -> AbstractContextManager[object]:
        return self.numbers.settings()

    def array(self, array: NDArray[np.float64]) -> object:
        return tf.constant(array, dtype=self.dtype)

    def value_and_gradient(
        self, function: Callable[..., object], arrays: Sequence[object]
    ) -> tuple[object, Sequence[object]]:
        return recorded(function, arrays)


def _indexed(x: Any, *, index: Index) -> object:
    """Return the elements at an index; a list and a mask have functions of their own."""
    parts = index_of(index)
    axes = [axis for axis, part in enumerate(parts) if not isinstance(part, int | slice)]
    if len(axes) != 1 or any(isinstance(part, int) for part in parts):
        return x[parts]
    [axis] = axes
    chosen = parts[axis]
    before, after = parts[:axis], parts[axis + 1 :]
    sliced = x[(*before, *(slice(None),) * np.ndim(chosen), *after)]
    if isinstance(chosen, list):
        return tf.gather(sliced, np.arange(sliced.shape[axis])[chosen], axis=axis)
    return tf.boolean_mask(sliced, chosen, axis=axis)


def _var(x: Any, *, axis: Axis = None, keepdims: bool = False, ddof: int = 0) -> object:
    if ddof:
        message = "reduce_variance divides by the number of elements"
        raise ValueError(message)
    return tf.math.reduce_variance(x, axis=axis, keepdims=keepdims)


def _convolution(dimensions: int) -> Callable[..., object]:
    """Return a convolution.

    TensorFlow has the channels last. A kernel ends with those of the input and of the result.
    """

    def convolve(x: Any, kernel: Any, *, stride: int = 1, padding: int = 0) -> object:
        around = [[0, 0], [0, 0], *([padding, padding] for _ in range(dimensions))]
        places = range(2, 2 + dimensions)
        images = tf.transpose(tf.pad(x, around), (0, *places, 1))
        kernels = tf.transpose(kernel, (*places, 1, 0))
        made = tf.nn.convolution(images, kernels, strides=stride, padding="VALID")
        return tf.transpose(made, (0, 1 + dimensions, *range(1, 1 + dimensions)))

    return convolve


def _pool(name: str) -> Callable[..., object]:
    """Return a pool, for which TensorFlow has an axis of examples first, and of channels last."""

    def pool(x: Any, *, size: Shape, stride: int | None = None) -> object:
        function = getattr(tf.nn, f"{name}{len(size)}d")
        places = x.shape[x.shape.rank - len(size) :]
        images = tf.reshape(x, (-1, *places, 1))
        made = function(images, size, size if stride is None else stride, "VALID")
        others = x.shape[: x.shape.rank - len(size)]
        return tf.reshape(made, (*others, *made.shape[1:-1]))

    return pool


_NUMPY = tf.experimental.numpy

# Left out: layer_norm, batch_norm and mse, which only Keras has.
_FUNCTIONS: dict[str, Callable[..., object]] = {
    **{name: getattr(tf, f"reduce_{name}") for name in ("sum", "mean", "prod", "max", "min")},
    "logsumexp": tf.reduce_logsumexp,
    "var": _var,
    "norm": tf.norm,
    "cumsum": tf.math.cumsum,
    "cumprod": tf.math.cumprod,
    "softmax": tf.nn.softmax,
    "log_softmax": tf.nn.log_softmax,
    "cross_entropy": lambda x, *, labels: tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels, x)
    ),
    "matmul": tf.matmul,
    "outer": partial(tf.tensordot, axes=0),
    "conv1d": _convolution(1),
    "conv2d": _convolution(2),
    "max_pool": _pool("max_pool"),
    "avg_pool": _pool("avg_pool"),
    "index": _indexed,
    "reshape": lambda x, *, shape: tf.reshape(x, shape),
    "transpose": lambda x, *, axes=None: tf.transpose(x, axes),
    "squeeze": tf.squeeze,
    "expand_dims": tf.expand_dims,
    "broadcast_to": lambda x, *, shape: tf.broadcast_to(x, shape),
    "concatenate": lambda *xs, axis: tf.concat(xs, axis),
    "stack": lambda *xs, axis: tf.stack(xs, axis),
    "split": lambda x, *, sections, axis, part: tf.split(x, sections, axis)[part],
    "pad": lambda x, *, widths: tf.pad(x, widths),
    "flip": lambda x, *, axis: tf.reverse(x, axis if isinstance(axis, tuple) else (axis,)),
    "roll": lambda x, *, shift, axis: tf.roll(x, shift, axis),
    "tril": _NUMPY.tril,
    "triu": _NUMPY.triu,
    "diagonal": _NUMPY.diagonal,
}
