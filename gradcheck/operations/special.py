"""Special functions, and operations on any number of operands."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from gradcheck.operations.basic import fixed
from gradcheck.operations.lazy import function, sp
from gradcheck.operations.operand_names import operand_names
from gradcheck.operations.operation import Contributions, Operation

# 2/sqrt(pi) is 1/sqrt(atan(1)).
_ERF = fixed(
    (
        "g*(exp(-(a*a))/sqrt(atan(1)))",
        "g*(1/sqrt(atan(1)))*exp(-(a*a))",
        "1/sqrt(atan(1))*(g*exp(-(a*a)))",
    )
)

_ERFC = fixed(tuple(f"-({formula})" for formula in _ERF()[0]))


_ASYMPTOTIC_FROM = 10.0
"""The number from which on the asymptotic series is accurate."""

_ASYMPTOTIC = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)
"""The coefficients of ``x**-2``, ``x**-4``, … (DLMF, 5.11.2); from 10 on, the next is below u."""


def _digamma(x: float) -> float:
    """Return the digamma function of a positive number: by its recurrence, then asymptotically."""
    below = 0.0
    while x < _ASYMPTOTIC_FROM:
        below += 1.0 / x
        x += 1.0
    tail = math.fsum(c * x ** (-2 * n) for n, c in enumerate(_ASYMPTOTIC, 1))
    return math.log(x) - 0.5 / x - tail - below


def _positive(function: Callable[[float], float]) -> Callable[[float], float]:
    """Return the function with a NaN in place of its values at numbers that are not positive."""
    return lambda x: function(x) if x > 0.0 else math.nan


def _sinc(x: float) -> float:
    return math.sin(math.pi * x) / (math.pi * x) if x else 1.0


def _logsumexp(*operands: float) -> float:
    largest = max(operands)
    return largest + math.log(math.fsum(math.exp(x - largest) for x in operands))


_LOGADDEXP = fixed(
    (
        "g*(exp(min(a - b, 0))/(1 + exp(-abs(a - b))))",
        "g*sigmoid(a - b)",
        "where(710 > abs(r), g*exp(a - r), g*sigmoid(a - b))",
    ),
    (
        "g*(exp(min(b - a, 0))/(1 + exp(-abs(a - b))))",
        "g*sigmoid(b - a)",
        "where(710 > abs(r), g*exp(b - r), g*sigmoid(b - a))",
    ),
)


def _results_of_logsumexp(count: int) -> Sequence[str]:
    names = operand_names(count)
    sizes = ", ".join(f"exp({name} - m)" for name in names)
    return (f"m = max({', '.join(names)}); m + log(sum({sizes}))",)


def _of_logsumexp(count: int) -> Contributions:
    names = operand_names(count)
    largest = f"max({', '.join(names)})"
    total = f"sum({', '.join(f'exp({name} - m)' for name in names)})"
    stable = [f"g*(exp({name} - m)/({total}))" for name in names]
    return [
        (
            f"m = {largest}; {formula}",
            f"m = {largest}; where(710 > abs(r), g*exp({name} - r), {formula})",
        )
        for name, formula in zip(names, stable, strict=True)
    ]


def _of_prod(count: int) -> Contributions:
    names = operand_names(count)
    return [
        (f"prod({', '.join(('g', *names[:i], *names[i + 1 :]))})", f"g*(r/{name})", f"g*r/{name}")
        for i, name in enumerate(names)
    ]


def _choice(choose: Callable[..., float], sign: str) -> Operation:
    """Return the operation ``max`` or ``min``."""

    def contributions(count: int) -> Contributions:
        names = operand_names(count)
        others = [names[:i] + names[i + 1 :] for i in range(count)]
        name = choose.__name__
        best = [f"{name}({', '.join(rest)})" if len(rest) > 1 else "".join(rest) for rest in others]
        pairs = [(x, y) if sign == ">" else (y, x) for x, y in zip(names, best, strict=True)]
        return [(f"where({x} > {y}, g, 0)",) if x and y else ("g",) for x, y in pairs]

    return Operation(
        choose.__name__,
        function(choose.__name__.capitalize()),
        arity=2,
        any_arity=True,
        roundings=0,
        contributions=contributions,
        in_floats=lambda *operands: choose(operands),
        is_at_kink=lambda *operands: operands.count(choose(operands)) > 1,
    )


SPECIAL = (
    Operation("erf", function("erf"), contributions=_ERF, in_floats=math.erf),
    Operation("erfc", function("erfc"), roundings=10, contributions=_ERFC, in_floats=math.erfc),
    # Both have zeros, near which an implementation keeps absolute digits, not relative ones.
    # digamma may add ten terms for a sum of up to 3 in size, each sum off by up to 3 units.
    # Lanczos's formula for lgamma adds numbers of up to 6 near its zeros: XLA loses 36 units there.
    Operation(
        "lgamma",
        function("loggamma"),
        absolute_error=48.0,
        derivative_ulps=16,
        derivative_error=64.0,
        in_floats=_positive(math.lgamma),
    ),
    Operation(
        "digamma",
        function("digamma"),
        roundings=16,
        absolute_error=64.0,
        derivative_ulps=16,
        in_floats=_positive(_digamma),
    ),
    # For large operands the error of pi*x, which is absolute in the result, counts for most.
    Operation(
        "sinc",
        lambda x: sp.sin(sp.pi * x) / (sp.pi * x),
        absolute_error=8.0,
        derivative_ulps=4,
        derivative_error=64.0,
        holes=(0.0,),
        in_floats=_sinc,
    ),
    # exp(a - r) loses a unit of roundoff for each unit of r: accepted as far as exp reaches.
    Operation(
        "logaddexp",
        lambda x, y: sp.log(sp.exp(x) + sp.exp(y)),
        arity=2,
        absolute_error=8.0,
        derivative_ulps=8,
        contributions=_LOGADDEXP,
        in_floats=_logsumexp,
    ),
)
"""The operations of ``--ops special``."""

REDUCTIONS = (
    _choice(max, ">"),
    _choice(min, "<"),
    Operation(
        "sum",
        function("Add"),
        arity=2,
        any_arity=True,
        roundings=1,
        is_composed=True,
        contributions=lambda count: [("g",)] * count,
        in_floats=lambda *operands: math.fsum(operands),
    ),
    Operation(
        "prod",
        function("Mul"),
        arity=2,
        any_arity=True,
        roundings=1,
        is_composed=True,
        contributions=_of_prod,
        in_floats=lambda *operands: math.prod(operands),
    ),
    Operation(
        "logsumexp",
        lambda *operands: sp.log(sp.Add(*map(sp.exp, operands))),
        arity=2,
        any_arity=True,
        absolute_error=8.0,
        derivative_ulps=8,
        results=_results_of_logsumexp,
        contributions=_of_logsumexp,
        in_floats=_logsumexp,
    ),
)
"""The operations of ``--ops reductions``, on any number of operands."""
