"""The activation functions of neural networks."""

from __future__ import annotations

import math

from gradcheck.operations.basic import fixed
from gradcheck.operations.lazy import c, sp
from gradcheck.operations.operation import Contributions, Operation

# exp(-a) is infinite beyond 709, and its square beyond 354: what is divided by it is 0. The last
# formula multiplies by the upstream gradient first, which may overflow.
_SIGMOID = fixed(
    (
        "g*(r*(1 - r))",
        "g*r*(1 - r)",
        "g*(1 - r)*r",
        "g*(r - r*r)",
        "E = exp(-abs(a)); g*(E/((1 + E)*(1 + E)))",
        "E = exp(min(-a, 354)); g*(max(min(a + 355, 1), 0)*E/((1 + E)*(1 + E)))",
        "E = exp(min(-a, 354)); g*exp(min(-a, 709))*max(min(a + 355, 1), 0)/((1 + E)*(1 + E))",
    )
)

_SILU = fixed(
    (
        "s = sigmoid(a); g*(s*(1 + a*(1 - s)))",
        "s = sigmoid(a); g*s*(1 + a*(1 - s))",
        "s = sigmoid(a); g*s + g*a*(s*(1 - s))",
        "s = sigmoid(a); g*(r + s*(1 - r))",
    )
)


# 1/sqrt(2*pi) is 1/sqrt(8*atan(1)).
_GELU = fixed(
    ("g*(0.5*(1 + erf(a/sqrt(2))) + a*(exp(-0.5*a*a)/sqrt(8*atan(1))))",),
)


def _of_leaky_relu(slope: float) -> Contributions:
    return ((f"where(a > 0, g, g*{slope!r})", f"g*where(a > 0, 1, {slope!r})"),)


def _of_elu(alpha: float) -> Contributions:
    return (
        (
            f"where(a > 0, g, g*({alpha!r}*exp(a)))",
            f"where(a > 0, g, g*{alpha!r}*exp(a))",
        ),
    )


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def _gelu(x: float) -> float:
    return 0.5 * x * math.erfc(-x / math.sqrt(2.0))


def _gelu_tanh(x: float) -> float:
    return 0.5 * x * (1.0 + math.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))


ACTIVATIONS = (
    Operation(
        "sigmoid",
        lambda x: 1 / (1 + sp.exp(-x)),
        partials=lambda _x, result: [result * (1 - result)],
        contributions=_SIGMOID,
        results=lambda: ("max(min(a + 710, 1), 0)/(1 + exp(min(-a, 709)))",),
        in_floats=_sigmoid,
    ),
    Operation(
        "relu",
        lambda x: sp.Max(x, 0),
        roundings=0,
        contributions=fixed(("where(a > 0, g, 0)",)),
        in_floats=lambda x: max(0.0, x),
        is_at_kink=lambda a: a == 0.0,
    ),
    Operation(
        "leaky_relu",
        lambda x, slope: sp.Piecewise((x, x > 0), (slope * x, True)),
        arity=2,
        parameters=1,
        roundings=1,
        contributions=_of_leaky_relu,
        in_floats=lambda x, slope: x if x > 0.0 else slope * x,
        is_at_kink=lambda a, _slope: a == 0.0,
    ),
    Operation(
        "elu",
        lambda x, alpha: sp.Piecewise((x, x > 0), (alpha * c.expm1(x), True)),
        arity=2,
        parameters=1,
        roundings=10,
        contributions=_of_elu,
        in_floats=lambda x, alpha: x if x > 0.0 else alpha * math.expm1(x),
        is_at_kink=lambda a, _alpha: a == 0.0,
    ),
    # exp(a - r) loses a unit of roundoff for each unit of r: accepted as far as exp reaches.
    Operation(
        "softplus",
        lambda x: c.log1p(sp.exp(x)),
        derivative_ulps=8,
        contributions=fixed(("g*sigmoid(a)", "where(710 > r, g*exp(a - r), g*sigmoid(a))")),
        in_floats=lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))),
    ),
    Operation(
        "silu",
        lambda x: x / (1 + sp.exp(-x)),
        roundings=12,
        is_composed=True,
        contributions=_SILU,
        results=lambda: ("a*sigmoid(a)",),
        in_floats=lambda x: x * _sigmoid(x),
    ),
    Operation(
        "gelu",
        lambda x: x / 2 * sp.erfc(-x / sp.sqrt(2), evaluate=False),
        roundings=16,
        results=lambda: ("0.5*a*(1 + erf(a/sqrt(2)))", "a*(0.5*(1 + erf(a/sqrt(2))))"),
        contributions=_GELU,
        in_floats=_gelu,
    ),
    Operation(
        "gelu_tanh",
        lambda x: x / 2 * (1 + sp.tanh(sp.sqrt(2 / sp.pi) * (x + sp.Rational("0.044715") * x**3))),
        roundings=16,
        is_composed=True,
        in_floats=_gelu_tanh,
    ),
)
"""The operations of ``--ops activations``."""
