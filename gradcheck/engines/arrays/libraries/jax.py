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

from gradcheck.arrays.operations import Index, index_of
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
    }
    return FunctionArrays(
        scalar.spec, _Transform(transform, transform.dtype), functions, scalar.precision
    )


def _indexed(x: Any, *, index: Index) -> object:
    """Return the elements at an index, whose lists have to be arrays."""
    parts = (np.array(p) if isinstance(p, list) else p for p in index_of(index))
    return x[tuple(parts)]


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
