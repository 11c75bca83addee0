"""The arithmetic that Python has operators for, and powers."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence

from gradcheck.operations.operation import Contributions, Operation

_LONGEST_PRODUCT = 64
"""Exponents up to which a whole power may be a product of the base."""


def fixed(*of_operands: tuple[str, ...]) -> Callable[[], Contributions]:
    """Return contributions that depend on no parameter."""
    return lambda: of_operands


def _results_of_power(n: float) -> Sequence[str]:
    if not (n.is_integer() and 1.0 < abs(n) <= _LONGEST_PRODUCT):
        return ()
    product = "*".join("a" * int(abs(n)))
    return (product,) if n > 0.0 else (f"1/({product})", f"1/a**{-n!r}")


def _of_power(n: float) -> Contributions:
    if n == 0.0:
        return (("g*0.0",),)
    whole = [f"g*{n!r}/a**{1.0 - n!r}"] if n < 1.0 else []
    return (
        (
            f"g*({n!r}*a**{n - 1.0!r})",
            f"g*{n!r}*a**{n - 1.0!r}",
            f"g*({n!r}*r/a)",
            *whole,
        ),
    )


def _divide(a: float, b: float) -> float:
    """Return the quotient; a NaN for one by zero or an infinity, of which it says nothing."""
    return a / b if b and math.isfinite(b) else math.nan


_DIVISION = fixed(
    ("g/b", "g*(1/b)", "g*b**-1"),
    (
        "g*(-(r/b))",
        "g*(-a/(b*b))",
        "-(g*a)/(b*b)",
        "-g*((a/b)/b)",
        "-(g/b)*r",
        "-(g/b)*(a/b)",
        "g*a*(-1*b**-2)",
        "g*(-a*b**-2)",
    ),
)

_POWER = fixed(
    ("g*(b*power(a, b - 1))", "g*b*power(a, b - 1)", "g*(b*r/a)", "g*b*(r/a)"),
    ("g*(r*log(a))", "g*r*log(a)", "g*log(a)*r"),
)

# ``a/b`` may be ``a * b**-1``, as in many small engines: a power of at most 1 ulp, and a product.
BASIC = (
    Operation(
        "+",
        operator.add,
        arity=2,
        roundings=1,
        method="__add__",
        precedence=1,
        contributions=fixed(("g",), ("g",)),
        in_floats=operator.add,
    ),
    Operation(
        "*",
        operator.mul,
        arity=2,
        roundings=1,
        method="__mul__",
        precedence=2,
        contributions=fixed(("g*b",), ("g*a",)),
        in_floats=operator.mul,
    ),
    Operation(
        "-",
        operator.sub,
        arity=2,
        roundings=1,
        method="__sub__",
        precedence=1,
        contributions=fixed(("g",), ("-g",)),
        in_floats=operator.sub,
    ),
    Operation(
        "/",
        operator.truediv,
        arity=2,
        roundings=4,
        method="__truediv__",
        precedence=2,
        contributions=_DIVISION,
        results=lambda: ("a*(1/b)", "a*b**-1"),
        in_floats=_divide,
    ),
    Operation(
        "neg",
        operator.neg,
        roundings=0,
        method="__neg__",
        precedence=3,
        contributions=fixed(("-g",)),
        in_floats=operator.neg,
    ),
    Operation(
        "**",
        operator.pow,
        arity=2,
        parameters=1,
        method="__pow__",
        precedence=4,
        contributions=_of_power,
        results=_results_of_power,
        in_floats=math.pow,
        is_at_edge=lambda a, n: a == 0.0 and n < 1.0 and n != 0.0,
    ),
    Operation(
        "power",
        operator.pow,
        arity=2,
        contributions=_POWER,
        in_floats=math.pow,
        is_at_edge=lambda a, _b: a <= 0.0,
    ),
)
"""The operations of ``--ops basic``; ``power`` is ``a**b`` with an exponent that varies."""
