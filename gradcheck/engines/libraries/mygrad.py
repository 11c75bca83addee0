"""MyGrad, in float64 or float32."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import mygrad
import numpy as np
from mygrad.nnet.activations import relu, sigmoid

from gradcheck.engines.evaluation import functions_from
from gradcheck.engines.tensors import TensorEngine
from gradcheck.precision import FLOAT32, FLOAT64

_PRECISIONS = {"float64": (np.float64, FLOAT64), "float32": (np.float32, FLOAT32)}


def engine(spec: str, precision: str) -> TensorEngine:
    """Return MyGrad as an engine under test."""
    dtype, found = _PRECISIONS[precision]
    return TensorEngine(spec, _Tensors(dtype), FUNCTIONS, found)


@dataclass(frozen=True, slots=True)
class _Tensors:
    dtype: Any

    def settings(self) -> AbstractContextManager[object]:
        # An overflow needs no warning here: it is judged.
        block: AbstractContextManager[object] = np.errstate(all="ignore")
        return block

    def number(self, x: float) -> object:
        return mygrad.tensor(x, dtype=self.dtype, constant=True)

    def input(self, x: float) -> object:
        return mygrad.tensor(x, dtype=self.dtype)

    def renew(self, made: Any, x: float) -> None:
        made.data[...] = x
        made.null_grad()

    def watch(self, made: object) -> None:
        """Every tensor keeps its gradient."""

    def backward(self, output: Any) -> None:
        output.backward()

    def value(self, made: Any) -> float:
        return float(made.data)

    def adjoint(self, made: Any) -> float | None:
        return None if made.grad is None else float(made.grad)


FUNCTIONS = functions_from(
    mygrad,
    atan=mygrad.arctan,
    sigmoid=sigmoid,
    relu=relu,
    abs=mygrad.abs,
    max=mygrad.maximum,
    min=mygrad.minimum,
)
