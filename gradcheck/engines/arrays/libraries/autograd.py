"""Autograd, in float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import autograd
import autograd.numpy as np
from numpy.typing import NDArray

from gradcheck.engines.arrays.driving import FunctionArrays
from gradcheck.engines.arrays.libraries.numpy_like import numpy_functions, of_every_element
from gradcheck.engines.functions import FunctionEngine

_WITHOUT_DERIVATIVE = ("flip", "cumprod", "diagonal")


def engine(scalar: FunctionEngine) -> FunctionArrays:
    """Return autograd as an engine of arrays, given its scalar adapter."""
    functions = {
        **of_every_element(scalar.functions),
        **numpy_functions(np, without=_WITHOUT_DERIVATIVE),
    }
    missing = frozenset({"broadcast_to with new axes"})
    return FunctionArrays(scalar.spec, _Transform(scalar), functions, scalar.precision, missing)


@dataclass(frozen=True, slots=True)
class _Transform:
    scalar: FunctionEngine

    def settings(self) -> AbstractContextManager[object]:
        return self.scalar.transform.settings()

    def array(self, array: NDArray[np.float64]) -> object:
        return array

    def value_and_gradient(
        self, function: Callable[..., object], arrays: Sequence[object]
    ) -> tuple[object, Sequence[object]]:
        transformed = autograd.value_and_grad(function, argnum=tuple(range(len(arrays))))
        value, gradients = transformed(*arrays)
        return value, gradients
