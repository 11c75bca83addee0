"""MyGrad, in float64 or float32."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import mygrad
import numpy as np
from mygrad.nnet import activations

from gradcheck.engines.evaluation import choice, functions_from, of_numbers
from gradcheck.engines.tensors import TensorEngine
from gradcheck.precision import FLOAT32, FLOAT64

_PRECISIONS = {"float64": (np.float64, FLOAT64), "float32": (np.float32, FLOAT32)}


def engine(spec: str, precision: str) -> TensorEngine:
    """Return MyGrad as an engine under test."""
    dtype, found = _PRECISIONS[precision]
    tensors = _Tensors(dtype)
    return TensorEngine(spec, tensors, _functions(tensors.number), found)


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


# MyGrad's sign and floor take constants only, so that there is no gradient to check.
_IN_NUMPY = ("abs", "square", "reciprocal", "exp2", "log2", "sinc", "logaddexp")


def _functions(number: Callable[[float], object]) -> dict[str, Callable[..., object]]:
    def reduced(function: Callable[..., object]) -> Callable[..., object]:
        return of_numbers(lambda *operands: function(mygrad.stack(operands)), number)

    return functions_from(
        mygrad,
        **{name: getattr(mygrad, name) for name in _IN_NUMPY},
        sigmoid=activations.sigmoid,
        relu=activations.relu,
        leaky_relu=activations.leaky_relu,
        elu=activations.elu,
        clamp=mygrad.clip,
        where=of_numbers(lambda c, d, a, b: mygrad.where(c > d, a, b), number),
        sum=reduced(mygrad.sum),
        prod=reduced(mygrad.prod),
        max=choice(mygrad.maximum, reduced(mygrad.max)),
        min=choice(mygrad.minimum, reduced(mygrad.min)),
    )
