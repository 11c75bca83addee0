"""Autograd, in float64."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import autograd
import autograd.numpy as np

from gradcheck.engines.evaluation import functions_from
from gradcheck.engines.functions import Function, FunctionEngine
from gradcheck.precision import FLOAT64


def engine(spec: str, _precision: str) -> FunctionEngine:
    """Return autograd as an engine under test."""
    return FunctionEngine(spec, _Transform(), FUNCTIONS, FLOAT64)


class _Transform:
    @contextmanager
    def settings(self) -> Iterator[None]:
        # An overflow, or an output that does not depend on an input, needs no warning here.
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


FUNCTIONS = functions_from(np, atan=np.arctan, abs=np.abs, max=np.maximum, min=np.minimum)
"""There is no sigmoid and no relu in autograd."""
