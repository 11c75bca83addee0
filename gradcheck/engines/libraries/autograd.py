"""Autograd, in float64."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import autograd
import autograd.numpy as np

from gradcheck.engines.functions import Function, FunctionEngine
from gradcheck.precision import FLOAT64


def engine(spec: str, _precision: str) -> FunctionEngine:
    """Autograd as an engine under test."""
    return FunctionEngine(spec, _Transform(), FUNCTIONS, FLOAT64)


class _Transform:
    @contextmanager
    def settings(self) -> Iterator[None]:
        # What overflows, or does not depend on an input, is no news to the harness.
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield

    def number(self, x: float) -> object:
        return np.float64(x)

    def value(self, function: Function, point: Sequence[float]) -> float:
        return float(cast("float", function(*map(self.number, point))))

    def value_and_gradient(
        self, function: Function, point: Sequence[float]
    ) -> tuple[float, Sequence[float | None]]:
        transformed = autograd.value_and_grad(function, argnum=tuple(range(len(point))))
        value, gradient = transformed(*map(self.number, point))
        return float(value), [float(adjoint) for adjoint in gradient]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "neg": operator.neg,
    "**": operator.pow,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
    "sin": np.sin,
    "cos": np.cos,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "atan": np.arctan,
    "abs": np.abs,
    "max": np.maximum,
    "min": np.minimum,
}
"""There is no sigmoid and no relu in autograd."""
