"""CasADi, in float64: symbols, differentiated in reverse mode and compiled to a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import casadi

from gradcheck.engines.evaluation import choice, functions_from
from gradcheck.engines.functions import Function, FunctionEngine
from gradcheck.precision import FLOAT64


def engine(spec: str, _precision: str) -> FunctionEngine:
    """Return CasADi as an engine under test."""
    return FunctionEngine(spec, _Transform(), FUNCTIONS, FLOAT64)


class _Transform:
    """Uses matrix symbols (MX), because scalar ones (SX) cannot call a function of the user."""

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


def _reduced(function: Callable[..., object]) -> Callable[..., object]:
    return lambda *operands: function(casadi.vertcat(*operands))


FUNCTIONS = functions_from(
    casadi,
    abs=casadi.fabs,
    sign=casadi.sign,
    floor=casadi.floor,
    hypot=casadi.hypot,
    erf=casadi.erf,
    where=lambda c, d, a, b: casadi.if_else(c > d, a, b),
    sum=_reduced(casadi.sum1),
    logsumexp=_reduced(casadi.logsumexp),
    max=choice(casadi.fmax, _reduced(casadi.mmax)),
    min=choice(casadi.fmin, _reduced(casadi.mmin)),
)
"""There is no sigmoid and no relu in CasADi."""
