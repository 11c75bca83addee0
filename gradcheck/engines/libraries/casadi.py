"""CasADi: a graph of symbols, differentiated by its reverse mode and compiled to a function."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import casadi

from gradcheck.engines.functions import Function, FunctionEngine
from gradcheck.precision import FLOAT64


def engine(spec: str, _precision: str) -> FunctionEngine:
    """CasADi as an engine under test."""
    return FunctionEngine(spec, _Transform(), FUNCTIONS, FLOAT64)


class _Transform:
    """By matrix symbols (MX), as scalar ones (SX) cannot call a function of the user's own."""

    def settings(self) -> AbstractContextManager[object]:
        return nullcontext()

    def number(self, x: float) -> object:
        return casadi.MX(x)

    def value(self, function: Function, point: Sequence[float]) -> float:
        symbols = [casadi.MX.sym("x") for _ in point]
        compiled = casadi.Function("value", symbols, [function(*symbols)])
        return float(compiled.call(list(point))[0])

    def value_and_gradient(
        self, function: Function, point: Sequence[float]
    ) -> tuple[float, Sequence[float | None]]:
        symbols = [casadi.MX.sym("x") for _ in point]
        output = function(*symbols)
        (adjoints,) = casadi.reverse([output], symbols, [[casadi.MX(1.0)]])
        compiled = casadi.Function("gradient", symbols, [output, *adjoints])
        value, *gradient = map(float, compiled.call(list(point)))
        return value, gradient


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "neg": operator.neg,
    "**": operator.pow,
    "exp": casadi.exp,
    "log": casadi.log,
    "sqrt": casadi.sqrt,
    "tanh": casadi.tanh,
    "sin": casadi.sin,
    "cos": casadi.cos,
    "sinh": casadi.sinh,
    "cosh": casadi.cosh,
    "atan": casadi.atan,
    "abs": casadi.fabs,
    "max": casadi.fmax,
    "min": casadi.fmin,
}
"""There is no sigmoid and no relu in CasADi."""
