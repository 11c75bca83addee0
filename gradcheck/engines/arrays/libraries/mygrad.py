"""MyGrad, in float64 or float32."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import mygrad
import numpy as np
from mygrad.nnet import activations
from numpy.typing import NDArray

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
    }
    return TensorArrays(scalar.spec, _Tensors(tensors, tensors.dtype), functions, scalar.precision)


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
