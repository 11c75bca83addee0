"""TensorFlow, on the CPU, in float64 or float32, each operation run at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import tensorflow as tf

from gradcheck.engines.evaluation import PYTHON_OPERATORS, choice, of_numbers
from gradcheck.engines.functions import Function, FunctionEngine
from gradcheck.engines.importing import stderr_discarded
from gradcheck.precision import FLOAT32, FLOAT64

# TensorFlow replaces subnormal numbers by zero on the CPU, operands too. Measured on 2.21, in both
# formats: half of the smallest normal number, the sum of two subnormal ones, the product of one
# with 2**20, and its tanh are all zero. Negation and relu may keep it.
#
# Its functions of every element are Eigen's 5.0. In an array most elements are computed by vectors,
# whose functions are polynomials and quotients of them, and a single number often by the C library.
# The errors below, in units of roundoff, are those of Eigen's steps: each is rounded once, a
# product and a sum are two steps, and all errors are added up, with that of the polynomial, for
# the worst operand. What is not listed stays within the bounds of the table. In float64 and
# float32:
#
# - tanh is x*P(x*x)/Q(x*x) with degrees 9 and 9, or 4 and 4, also for a single number: 33.5 and
#   16.5 units where the highest terms count most. Measured: 7.2 and 5.4.
# - atan is x*P(x*x)/Q(x*x) with degrees 6 and 6, or 2 and 3, subtracted from pi/2 beyond 1: 23 and
#   25 units at 1. In float32 4 of these are from 1/x. atan2 adds a quotient and pi: 5 more.
#   Measured: 3.4 for atan; 4.3 and 4.8 for atan2.
# - log is a quotient of polynomials: 9.9 units in float32 at sqrt(2). log1p(x) is log(w)*x/(w - 1)
#   for the rounded w = 1 + x: 9.2 and 13.4. expm1(x) is (w - 1)*x/log(w) for w = exp(x): 9.4 and
#   13.5. Measured: 3.2 for log, 3 and 4 for log1p, 3.5 and 3.8 for expm1. atanh is a logarithm from
#   1/2 on: 8.3 in float32.
# - softplus(x) is exp(x) below log(eps) + 2. There log1p(exp(x)) is smaller by up to exp(2)*eps/2,
#   which is 7.4 units, and exp is off by 4.1. Else it is that logarithm, off by 10.8 and 15.2.
#   Measured: 7.4.
# - erf is x*P(x*x)/Q(x*x) in float32, with degrees 5 and 5, for x up to 4: 30.4 units. In float64
#   it is that up to 1 only, and then 1 - erfc(x): 10.8. Measured: 4.3 and 2.6.
# - erfc is exp(-x*x)/x times a quotient of polynomials of degree 9 and 9, or 3 and 4. What the
#   rounding of x*x loses is added in float64: 52.4 units at 1. It is not in float32, where x*x is
#   up to 88: 148. Measured: 9.2 and 64.
# - a power is exp2(b*log2(a)), with a logarithm of two floats. In float64 the second one has no
#   effect, so that the logarithm of the significand is off by up to two units. It is multiplied
#   by b and by log(2), and at most 1024*log(2) then: 1420. Measured: 586 for 1.41**2000, where a
#   single number is right. In float32 Eigen promises 3 ulp. Measured: 5 units.
# - In float32, sigmoid squares exp(x/2): 15.7 units; asin is pi/2 - 2*asin(sqrt((1 - x)/2)) from
#   1/2 on: 13.3; and reciprocal is Newton's step from an estimate: 2 ulp, as Eigen says. Measured:
#   6.4, 6.3 and 2.7.
_IN_BOTH = {"atan": 28, "atan2": 32}
_IN_FLOAT64 = {
    "tanh": 36,
    "log1p": 10,
    "expm1": 10,
    "softplus": 12,
    "erf": 12,
    "erfc": 56,
    "**": 1440,
    "power": 1440,
}
_IN_FLOAT32 = {
    "tanh": 20,
    "log": 12,
    "log1p": 16,
    "expm1": 16,
    "softplus": 18,
    "erf": 36,
    "erfc": 160,
    "atanh": 10,
    "sigmoid": 18,
    "asin": 16,
    "reciprocal": 4,
}

_PRECISIONS = {
    "float64": (
        tf.float64,
        replace(FLOAT64, flush_to_zero=True).with_allowances({**_IN_BOTH, **_IN_FLOAT64}),
    ),
    "float32": (
        tf.float32,
        replace(FLOAT32, flush_to_zero=True).with_allowances({**_IN_BOTH, **_IN_FLOAT32}),
    ),
}


def engine(spec: str, precision: str) -> FunctionEngine:
    """Return TensorFlow as an engine under test."""
    dtype, found = _PRECISIONS[precision]
    with stderr_discarded():  # TensorFlow logs that it finds no GPU when it is used first
        tf.config.list_logical_devices("CPU")
    transform = _Transform(dtype)
    return FunctionEngine(spec, transform, _functions(transform.number), found)


@dataclass(frozen=True, slots=True)
class _Transform:
    dtype: Any

    def settings(self) -> AbstractContextManager[object]:
        block: AbstractContextManager[object] = tf.device("/CPU:0")
        return block

    def number(self, x: float) -> object:
        return tf.constant(x, dtype=self.dtype)

    def value(self, function: Function, point: Sequence[float]) -> float:
        made: Any = function(*map(self.number, point))
        return float(made)

    def value_and_gradient(
        self, function: Function, point: Sequence[float]
    ) -> tuple[float, Sequence[float | None]]:
        value, gradient = recorded(function, [self.number(x) for x in point])
        return float(value), [float(adjoint) for adjoint in gradient]


def recorded(function: Function, inputs: Sequence[object]) -> tuple[Any, Sequence[Any]]:
    """Return the function's value and its derivative with respect to each tensor."""
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        value = function(*inputs)
    gradient = tape.gradient(value, inputs, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    # The gradient of tf.gather is a tf.IndexedSlices: contributions that are not yet added up.
    return value, [tf.convert_to_tensor(adjoint) for adjoint in gradient]


_IN_MATH = (
    *("abs", "sign", "floor", "square", "reciprocal", "rsqrt", "sqrt"),
    *("exp", "expm1", "log", "log1p", "erf", "erfc", "lgamma", "digamma"),
    *("sin", "cos", "tan", "sinh", "cosh", "tanh"),
    *("asin", "acos", "atan", "asinh", "acosh", "atanh"),
    *("sigmoid", "softplus"),
)
"""The functions of ``tf.math`` with one operand that have the name of their operation."""


# Left out: clip_by_value gives the lower bound, not the upper one, where these are in the wrong
# order, which its documentation excludes. tf.nn.elu takes no alpha. Functions that only
# tf.experimental.numpy has, such as hypot, are written with others of TensorFlow.
def _functions(number: Callable[[float], object]) -> dict[str, Callable[..., object]]:
    def of_tensors(function: Callable[..., object]) -> Callable[..., object]:
        return of_numbers(function, number)

    def reduced(function: Callable[..., object]) -> Callable[..., object]:
        return of_tensors(lambda *operands: function(tf.stack(operands), axis=0))

    return {
        **PYTHON_OPERATORS,
        **{name: getattr(tf.math, name) for name in _IN_MATH},
        "atan2": of_tensors(tf.math.atan2),
        "where": of_tensors(lambda c, d, a, b: tf.where(c > d, a, b)),
        "relu": tf.nn.relu,
        "leaky_relu": tf.nn.leaky_relu,
        "silu": tf.nn.silu,
        "gelu": tf.nn.gelu,
        "gelu_tanh": partial(tf.nn.gelu, approximate=True),
        "sum": reduced(tf.reduce_sum),
        "prod": reduced(tf.reduce_prod),
        "logsumexp": reduced(tf.reduce_logsumexp),
        "max": choice(of_tensors(tf.maximum), reduced(tf.reduce_max)),
        "min": choice(of_tensors(tf.minimum), reduced(tf.reduce_min)),
    }
