"""The functions of a calculus course: powers, logarithms, trigonometry, and choices."""

from __future__ import annotations

import math
from collections.abc import Callable

from gradcheck.operations.basic import fixed
from gradcheck.operations.lazy import c, function, sp
from gradcheck.operations.operation import Operation

# Beyond 5, what cosh gives lies between the numbers that 1 - r*r may give: it loses fewer digits.
_TANH = fixed(
    (
        "g*(1 - r*r)",
        "g*((1 - r)*(1 + r))",
        "E = exp(-2*abs(a)); g*(4*E/((1 + E)*(1 + E)))",
        "E = exp(-2*abs(a)); g*(4*E/(1 + E*(2 + E)))",
        "c = cosh(min(abs(a), 5)); where(5 > abs(a), g/(c*c), g*(1 - r*r))",
        "c = cosh(min(abs(a), 5)); where(5 > abs(a), g*(1/(c*c)), g*(1 - r*r))",
    )
)

_SQRT = fixed(
    (
        "g/(2*r)",
        "g*(0.5/r)",
        "g*(1/(2*r))",
        "g*(0.5*a**-0.5)",
        "g*0.5*a**-0.5",
    )
)

_RSQRT = fixed(
    (
        "g*(-0.5*r/a)",
        "g*-0.5*r/a",
        "g*(-0.5*a**-1.5)",
        "g*-0.5*r**3",
        "g*(-0.5*r*r*r)",
        "g*(r/a)*-0.5",
    )
)

_RECIPROCAL = fixed(
    ("-g*r*r", "-g*(r*r)", "g*(-(r/a))", "g*(-1/(a*a))", "-g/(a*a)", "g*(-1*a**-2)")
)

_OF_LOGARITHM = (
    "g/(a*log({base}))",
    "g/a/log({base})",
    "g/log({base})/a",
    "g*(1/(a*log({base})))",
    "g*(1/a)/log({base})",
)

_LOG2, _LOG10 = (fixed(tuple(text.format(base=base) for text in _OF_LOGARITHM)) for base in (2, 10))

_ASIN = fixed(
    (
        "g/sqrt(1 - a*a)",
        "g*(1/sqrt(1 - a*a))",
        "g*rsqrt(1 - a*a)",
        "g*(1 - a*a)**-0.5",
        "g/sqrt((1 - a)*(1 + a))",
    )
)

_ACOS = fixed(tuple(f"-({formula})" for formula in _ASIN()[0]))

_ASINH = fixed(
    (
        "g/sqrt(a*a + 1)",
        "g*(1/sqrt(a*a + 1))",
        "g*rsqrt(a*a + 1)",
        "g*(a*a + 1)**-0.5",
        "g/cosh(r)",
    )
)

_ACOSH = fixed(
    (
        "g/sqrt(a*a - 1)",
        "g*(1/sqrt(a*a - 1))",
        "g*rsqrt(a*a - 1)",
        "g*(a*a - 1)**-0.5",
        "g*rsqrt((a - 1)*(a + 1))",
        "g/(sqrt(a - 1)*sqrt(a + 1))",
        "g/sinh(r)",
    )
)

_ATANH = fixed(("g/(1 - a*a)", "g*(1/(1 - a*a))", "g/((1 - a)*(1 + a))", "1/(1 - a)*(g/(1 + a))"))

_ATAN2 = fixed(
    (
        "g*(b/(a*a + b*b))",
        "g*b/(a*a + b*b)",
        "g*b*(1/(a*a + b*b))",
        "g*(b*(1/(a*a + b*b)))",
        "g/(a*a + b*b)*b",
    ),
    (
        "g*(-a/(a*a + b*b))",
        "g*-a/(a*a + b*b)",
        "g*-a*(1/(a*a + b*b))",
        "g*(-a*(1/(a*a + b*b)))",
        "g/(a*a + b*b)*-a",
    ),
)

_HYPOT = fixed(("g*(a/r)", "g*a/r", "g/r*a"), ("g*(b/r)", "g*b/r", "g/r*b"))


def _or_infinity(function: Callable[[float], float]) -> Callable[[float], float]:
    """Return a function whose result is an infinity where it is too large for a float."""

    def call(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return math.inf

    return call


def _floor(x: float) -> float:
    return float(math.floor(x))


def _sign(x: float) -> float:
    return float((x > 0.0) - (x < 0.0))


# A library function may lose 8 units of roundoff: C libraries document errors of at most 2 ulp
# (glibc) to 4 ulp (vector libraries), and an ulp is up to two units. ``sqrt`` may be ``x**0.5``.
# ``abs`` is exact, but its derivative may be computed as ``g*x/abs(x)``, with two roundings.
ELEMENTARY = (
    Operation("tanh", function("tanh"), contributions=_TANH, in_floats=math.tanh),
    Operation(
        "exp",
        function("exp"),
        contributions=fixed(("g*r", "g*exp(a)")),
        in_floats=_or_infinity(math.exp),
    ),
    Operation(
        "log",
        function("log"),
        contributions=fixed(("g/a", "g*(1/a)")),
        in_floats=math.log,
    ),
    Operation(
        "sqrt",
        function("sqrt"),
        roundings=2,
        contributions=_SQRT,
        results=lambda: ("a**0.5",),
        in_floats=math.sqrt,
        is_at_edge=lambda a: a == 0.0,
    ),
    Operation("sin", function("sin"), contributions=fixed(("g*cos(a)",)), in_floats=math.sin),
    Operation("cos", function("cos"), contributions=fixed(("g*-sin(a)",)), in_floats=math.cos),
    Operation("sinh", function("sinh"), contributions=fixed(("g*cosh(a)",)), in_floats=math.sinh),
    Operation(
        "cosh",
        function("cosh"),
        contributions=fixed(("g*sinh(a)",)),
        in_floats=_or_infinity(math.cosh),
    ),
    Operation(
        "tan",
        function("tan"),
        contributions=fixed(("g*(1 + r*r)", "g/(cos(a)*cos(a))", "g*(1/(cos(a)*cos(a)))")),
        in_floats=math.tan,
    ),
    Operation(
        "asin",
        function("asin"),
        contributions=_ASIN,
        in_floats=math.asin,
        is_at_edge=lambda a: abs(a) == 1.0,
    ),
    Operation(
        "acos",
        function("acos"),
        contributions=_ACOS,
        in_floats=math.acos,
        is_at_edge=lambda a: abs(a) == 1.0,
    ),
    Operation(
        "atan",
        function("atan"),
        contributions=fixed(("g/(1 + a*a)", "g*(1/(1 + a*a))")),
        in_floats=math.atan,
    ),
    Operation("asinh", function("asinh"), contributions=_ASINH, in_floats=math.asinh),
    Operation(
        "acosh",
        function("acosh"),
        contributions=_ACOSH,
        in_floats=math.acosh,
        is_at_edge=lambda a: a == 1.0,
    ),
    Operation("atanh", function("atanh"), contributions=_ATANH, in_floats=math.atanh),
    Operation(
        "atan2",
        function("atan2"),
        arity=2,
        contributions=_ATAN2,
        in_floats=math.atan2,
        is_at_edge=lambda a, b: a == 0.0 and b <= 0.0,
    ),
    Operation(
        "hypot",
        lambda x, y: sp.sqrt(x * x + y * y),
        arity=2,
        derivative_ulps=8,
        contributions=_HYPOT,
        in_floats=math.hypot,
        is_at_edge=lambda a, b: a == 0.0 == b,
    ),
    Operation(
        "log1p",
        function("log1p", c),
        contributions=fixed(("g/(1 + a)", "g*(1/(1 + a))")),
        in_floats=math.log1p,
    ),
    Operation(
        "expm1",
        function("expm1", c),
        derivative_ulps=8,  # not by expm1(a) + 1, which is 0 from -37 on
        in_floats=math.expm1,
    ),
    Operation(
        "log2",
        lambda x: sp.log(x) / sp.log(2),
        roundings=12,
        contributions=_LOG2,
        in_floats=math.log2,
    ),
    Operation(
        "log10",
        lambda x: sp.log(x) / sp.log(10),
        roundings=12,
        contributions=_LOG10,
        in_floats=math.log10,
    ),
    Operation(
        "exp2",
        lambda x: sp.Pow(2, x),
        contributions=fixed(("g*(r*log(2))", "g*r*log(2)", "g*log(2)*r")),
        in_floats=_or_infinity(math.exp2),
    ),
    Operation(
        "square",
        lambda x: x**2,
        roundings=1,
        contributions=fixed(("g*(2*a)", "g*2*a", "g*a + g*a", "2*(g*a)")),
        in_floats=lambda a: a * a,
    ),
    Operation(
        "reciprocal",
        lambda x: 1 / x,
        roundings=2,
        contributions=_RECIPROCAL,
        in_floats=lambda a: 1.0 / a,
    ),
    Operation(
        "rsqrt",
        lambda x: 1 / sp.sqrt(x),
        contributions=_RSQRT,
        results=lambda: ("1/sqrt(a)", "a**-0.5", "sqrt(1/a)"),
        in_floats=lambda a: 1.0 / math.sqrt(a),
    ),
    Operation(
        "fma",
        lambda x, y, z: x * y + z,
        arity=3,
        roundings=1,
        is_composed=True,
        contributions=fixed(("g*b",), ("g*a",), ("g",)),
        in_floats=lambda a, b, c: a * b + c,
    ),
    Operation(
        "abs",
        function("Abs"),
        roundings=2,
        method="__abs__",
        contributions=fixed(("g*a/max(abs(a), 5e-324)", "g*(a/max(abs(a), 5e-324))")),
        in_floats=abs,
        is_at_kink=lambda a: a == 0.0,
    ),
    Operation(
        "sign",
        function("sign"),
        roundings=0,
        contributions=fixed(("g*0",)),
        in_floats=_sign,
        is_at_edge=lambda a: a == 0.0,
        is_at_kink=lambda a: a == 0.0,
    ),
    Operation(
        "floor",
        function("floor"),
        roundings=0,
        contributions=fixed(("g*0",)),
        in_floats=_floor,
        is_at_edge=float.is_integer,
        is_at_kink=float.is_integer,
    ),
    Operation(
        "clamp",
        lambda x, low, high: sp.Min(sp.Max(x, low), high),
        arity=3,
        parameters=2,
        roundings=0,
        in_floats=lambda a, low, high: min(max(a, low), high),
    ),
    Operation(
        "where",
        lambda left, right, x, y: sp.Piecewise((x, left > right), (y, True)),
        arity=4,
        roundings=0,
        compares=True,
        contributions=fixed(("g*0",), ("g*0",), ("where(a > b, g, 0)",), ("where(a > b, 0, g)",)),
        in_floats=lambda c, d, a, b: a if c > d else b,
        is_at_edge=lambda c, d, _a, _b: c == d,
        is_at_kink=lambda c, d, _a, _b: c == d,
    ),
)
"""The operations of ``--ops elementary``."""
