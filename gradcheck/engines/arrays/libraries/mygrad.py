"""MyGrad, in float64 or float32."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import mygrad
import numpy as np
from mygrad.nnet import activations, layers, losses
from numpy.typing import NDArray

from gradcheck.arrays.operations import Shape
from gradcheck.engines.arrays.driving import TensorArrays
from gradcheck.engines.arrays.libraries.numpy_like import numpy_functions, of_every_element
from gradcheck.engines.tensors import TensorEngine, Tensors


def engine(scalar: TensorEngine) -> TensorArrays:
    """Return MyGrad as an engine of arrays, given its scalar adapter."""
    tensors: Any = scalar.tensors
    functions = {
        **of_every_element(scalar.functions),
        **numpy_functions(mygrad, without=("flip",)),
        "softmax": activations.softmax,
        "log_softmax": activations.logsoftmax,
        "cross_entropy": lambda x, *, labels: losses.softmax_crossentropy(x, np.array(labels)),
        "conv1d": layers.conv_nd,
        "conv2d": layers.conv_nd,
        "max_pool": _max_pool,
    }
    missing = {
        "norm over several axes",
        *(f"{name} with elements left over" for name in ("conv1d", "conv2d", "max_pool")),
    }
    return TensorArrays(
        scalar.spec,
        _Tensors(tensors, tensors.dtype),
        functions,
        scalar.precision,
        frozenset(missing),
    )


def _max_pool(x: Any, *, size: Shape, stride: int | None = None) -> object:
    return layers.max_pool(x, size, size if stride is None else stride)


@dataclass(frozen=True, slots=True)
class _Tensors:
    numbers: Tensors
    dtype: Any

    def settings(self) -> AbstractContextManager[object]:
        return self.numbers.settings()

    def constant(self, array: NDArray[np.float64]) -> object:
        return mygrad.tensor(array, dtype=self.dtype, constant=True)

    def input(self, array: NDArray[np.float64]) -> object:
        return mygrad.tensor(array, dtype=self.dtype)

    def backward(self, output: Any) -> None:
        output.backward()

    def value(self, made: Any) -> NDArray[np.float64]:
        return np.asarray(made.data, dtype=np.float64)

    def gradient(self, made: Any) -> NDArray[np.float64] | None:
        return None if made.grad is None else np.asarray(made.grad, dtype=np.float64)
