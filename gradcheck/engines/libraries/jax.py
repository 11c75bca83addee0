"""JAX, on the CPU, in float64, float32, bfloat16 or float16, each operation compiled on its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import jax
import jax.numpy as jnp
from jax.scipy import special

from gradcheck.engines.evaluation import choice, functions_from, of_numbers
from gradcheck.engines.functions import Function, FunctionEngine
from gradcheck.precision import BFLOAT16, FLOAT16, FLOAT32, FLOAT64

# XLA replaces subnormal numbers by zero on the CPU, except in float16, for which it computes in
# float32. Measured on 0.10: 2**-1022 * 0.5, 2**-1060 + 2**-1060, 2**-1060 * 2**20 and
# tanh(2**-1060) are all zero. In float32 and bfloat16 the same is true for the first three, and
# tanh keeps its operand. In float16 all four are right.
#
# Some functions lose more digits than elsewhere, in units of roundoff:
#
# - sinh and cosh are exp(x + log(1/2)). The logarithm is off by 19 units, in float32 by 25. In
#   float64 the sum loses up to 512 more for x above 512. Measured: 498 and 26.
# - exp2 is exp(x*log(2)). The product is up to 710, or 89, and is off by a unit of its own size,
#   and so is the logarithm, by a third of one. Measured: 704 and 68.
# - erfc is exp(-x*x) times a fraction, and x*x is up to 708, or 88. Measured: 513 and 66.
# - log1p loses 239 units in float64 where x is 1 - sqrt(2), and atanh, which uses it, 146.
#
# In the two short formats XLA computes in float32, of which all that is less than one unit. Only
# the product of exp2 is rounded to the short format: 15 units are lost in float16, and up to a
# whole digit of the two of bfloat16, which is no longer excused.
_IN_FLOAT64 = {"sinh": 540, "cosh": 540, "exp2": 960, "erfc": 740, "log1p": 256, "atanh": 160}
_IN_FLOAT32 = {"sinh": 32, "cosh": 32, "exp2": 128, "erfc": 112}
_IN_FLOAT16 = {"exp2": 24}

_PRECISIONS = {
    "float64": (
        jnp.float64,
        replace(FLOAT64, flush_to_zero=True).with_allowances(_IN_FLOAT64),
    ),
    "float32": (
        jnp.float32,
        replace(FLOAT32, flush_to_zero=True).with_allowances(_IN_FLOAT32),
    ),
    "bfloat16": (jnp.bfloat16, replace(BFLOAT16, flush_to_zero=True)),
    "float16": (jnp.float16, FLOAT16.with_allowances(_IN_FLOAT16)),
}


def engine(spec: str, precision: str) -> FunctionEngine:
    """Return JAX as an engine under test."""
    dtype, found = _PRECISIONS[precision]
    transform = _Transform(dtype, _cpu())
    return FunctionEngine(spec, transform, _functions(transform.number), found)


def _cpu() -> Any:
    """Return the CPU device, without JAX's log message about a GPU that it cannot use."""
    log = logging.getLogger("jax._src.xla_bridge")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        return jax.local_devices(backend="cpu")[0]
    finally:
        log.setLevel(level)


@dataclass(frozen=True, slots=True)
class _Transform:
    dtype: Any
    device: Any

    @contextmanager
    def settings(self) -> Iterator[None]:
        # Within the block only: the rest of the program may need other settings.
        with jax.enable_x64(self.dtype is jnp.float64), jax.default_device(self.device):
            yield

    def number(self, x: float) -> object:
        return jnp.asarray(x, dtype=self.dtype)

    def value(self, function: Function, point: Sequence[float]) -> float:
        return float(cast("float", function(*map(self.number, point))))

    def value_and_gradient(
        self, function: Function, point: Sequence[float]
    ) -> tuple[float, Sequence[float | None]]:
        transformed = jax.value_and_grad(function, argnums=tuple(range(len(point))))
        value, gradient = transformed(*map(self.number, point))
        return float(value), [float(adjoint) for adjoint in gradient]


_IN_NUMPY = (
    *("abs", "sign", "floor", "square", "reciprocal", "exp2", "log2"),
    *("sinc", "hypot", "logaddexp"),
)

_IN_NN = ("sigmoid", "relu", "leaky_relu", "elu", "softplus", "silu")


def _functions(number: Callable[[float], object]) -> dict[str, Callable[..., object]]:
    def reduced(function: Callable[..., object]) -> Callable[..., object]:
        return of_numbers(lambda *operands: function(jnp.stack(operands)), number)

    return functions_from(
        jnp,
        **{name: getattr(jnp, name) for name in _IN_NUMPY},
        **{name: getattr(jax.nn, name) for name in _IN_NN},
        rsqrt=jax.lax.rsqrt,
        clamp=jnp.clip,
        where=of_numbers(lambda c, d, a, b: jnp.where(c > d, a, b), number),
        gelu=partial(jax.nn.gelu, approximate=False),
        gelu_tanh=jax.nn.gelu,
        erf=special.erf,
        erfc=special.erfc,
        lgamma=special.gammaln,
        digamma=special.digamma,
        sum=reduced(jnp.sum),
        prod=reduced(jnp.prod),
        logsumexp=reduced(jax.nn.logsumexp),
        max=choice(jnp.maximum, reduced(jnp.max)),
        min=choice(jnp.minimum, reduced(jnp.min)),
    )
