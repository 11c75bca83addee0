"""JAX, on the CPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.operations import Index, Shape, index_of
from gradcheck.engines.arrays.driving import FunctionArrays
from gradcheck.engines.arrays.libraries.numpy_like import numpy_functions, of_every_element
from gradcheck.engines.functions import FunctionEngine, Transform


def engine(scalar: FunctionEngine) -> FunctionArrays:
    """Return JAX as an engine of arrays, given its scalar adapter."""
    transform: Any = scalar.transform
    functions = {
        **of_every_element(scalar.functions),
        **numpy_functions(jnp),
        "index": _indexed,
        "logsumexp": jax.nn.logsumexp,
        "softmax": jax.nn.softmax,
        "log_softmax": jax.nn.log_softmax,
        "conv1d": _convolution(1),
        "conv2d": _convolution(2),
        "max_pool": _max_pool,
    }
    return FunctionArrays(
        scalar.spec, _Transform(transform, transform.dtype), functions, scalar.precision
    )


def _indexed(x: Any, *, index: Index) -> object:
    """Return the elements at an index, whose lists have to be arrays."""
    parts = (np.array(p) if isinstance(p, list) else p for p in index_of(index))
    return x[tuple(parts)]


def _convolution(dimensions: int) -> Callable[..., object]:
    def convolve(x: Any, kernel: Any, *, stride: int = 1, padding: int = 0) -> object:
        around = ((padding, padding),) * dimensions
        return jax.lax.conv_general_dilated(x, kernel, (stride,) * dimensions, around)

    return convolve


def _max_pool(x: Any, *, size: Shape, stride: int | None = None) -> object:
    others = (1,) * (x.ndim - len(size))
    steps = size if stride is None else (stride,) * len(size)
    return jax.lax.reduce_window(
        x, -jnp.inf, jax.lax.max, (*others, *size), (*others, *steps), "VALID"
    )


@dataclass(frozen=True, slots=True)
class _Transform:
    numbers: Transform
    dtype: Any

    def settings(self) -> AbstractContextManager[object]:
        return self.numbers.settings()

    def array(self, array: NDArray[np.float64]) -> object:
        return jnp.asarray(array, dtype=self.dtype)

    def value_and_gradient(
        self, function: Callable[..., object], arrays: Sequence[object]
    ) -> tuple[object, Sequence[object]]:
        transformed = jax.value_and_grad(function, argnums=tuple(range(len(arrays))))
        value, gradients = transformed(*arrays)
        return value, gradients
