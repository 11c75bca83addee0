"""Autograd, in float64."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import autograd
import autograd.numpy as np

from gradcheck.engines.evaluation import choice, functions_from
from gradcheck.engines.functions import Function, FunctionEngine
from gradcheck.precision import FLOAT64

try:
    from autograd.scipy import special
except ImportError:  # autograd does not require SciPy
    special = None


# SciPy's erfc is that of Cephes, which documents an error of up to 5.7e-14: 514 units of roundoff.
_PRECISION = FLOAT64.with_allowances({"erfc": 520})


def engine(spec: str, _precision: str) -> FunctionEngine:
    """Return autograd as an engine under test."""
    return FunctionEngine(spec, _Transform(), FUNCTIONS, _PRECISION)


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


def _reduced(function: Callable[..., object]) -> Callable[..., object]:
    return lambda *operands: function(np.stack(operands))


_IN_NUMPY = (
    *("abs", "sign", "floor", "square", "reciprocal", "exp2", "log2"),
    *("sinc", "hypot", "logaddexp"),
)

_IN_SCIPY = {
    "sigmoid": "expit",
    "erf": "erf",
    "erfc": "erfc",
    "lgamma": "gammaln",
    "digamma": "digamma",
}

FUNCTIONS = functions_from(
    np,
    **{name: getattr(np, name) for name in _IN_NUMPY},
    clamp=np.clip,
    where=lambda c, d, a, b: np.where(c > d, a, b),
    sum=_reduced(np.sum),
    prod=_reduced(np.prod),
    max=choice(np.maximum, _reduced(np.max)),
    min=choice(np.minimum, _reduced(np.min)),
)
"""Without SciPy; there is no relu in autograd."""

if special is not None:
    FUNCTIONS |= {name: getattr(special, scipys) for name, scipys in _IN_SCIPY.items()}
    FUNCTIONS["logsumexp"] = _reduced(special.logsumexp)
