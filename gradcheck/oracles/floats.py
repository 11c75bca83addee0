"""An expression in floating-point arithmetic: what a plain engine computes, step by step.

These numbers are never the truth. Where an engine returns the same bits, it has computed the same.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from operator import itemgetter

from gradcheck.expression import Apply, Constant, Expression, Input
from gradcheck.precision import Precision

FloatFunction = Callable[..., float]

FloatOfInputs = Callable[[Sequence[float]], float]

CORRECTLY_ROUNDED = frozenset({"+", "-", "*", "/", "neg", "sqrt"})
"""The operations whose result IEEE 754 determines, every bit of it.

In a shorter format it is the float64 result rounded once more, as float64 has more than twice its
digits plus two (Figueroa, When is double rounding innocuous?, 1995).
"""


def _divide(a: float, b: float) -> float:
    """Return the quotient; a NaN for a division by zero, whose infinity is no overflow."""
    return a / b if b else math.nan


def _total(function: FloatFunction, *, overflow: float = math.nan) -> FloatFunction:
    """Return the function with an infinity or a NaN where Python raises an error."""

    def call(*operands: float) -> float:
        try:
            return function(*operands)
        except OverflowError:
            return overflow
        except (ValueError, ZeroDivisionError):
            return math.nan

    return call


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


_FUNCTIONS: dict[str, FloatFunction] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "neg": operator.neg,
    "**": _total(math.pow),
    "abs": abs,
    "relu": lambda x: max(0.0, x),
    "max": max,
    "min": min,
    "tanh": math.tanh,
    "exp": _total(math.exp, overflow=math.inf),
    "log": _total(math.log),
    "sqrt": _total(math.sqrt),
    "sin": _total(math.sin),
    "cos": _total(math.cos),
    "sinh": _total(math.sinh),
    "cosh": _total(math.cosh, overflow=math.inf),
    "atan": math.atan,
    "sigmoid": _total(_sigmoid),
}


def has_function(name: str) -> bool:
    """Tell whether an operation has a float function."""
    return name in _FUNCTIONS


def in_floats(name: str, precision: Precision) -> FloatFunction:
    """Return an operation on floats of a format; for one without float function, always NaN."""
    function = _FUNCTIONS.get(name)
    if function is None:
        return lambda *_: math.nan
    if precision.holds_every_float:
        return function
    nearest = precision.nearest
    return lambda *operands: nearest(function(*operands))


def as_function(expression: Expression, precision: Precision) -> FloatOfInputs:
    """Return a function from the inputs to the output, quick for an expression of a few nodes."""
    functions: list[FloatOfInputs] = []
    for position, node in enumerate(expression.nodes):
        match node:
            case Input():
                functions.append(itemgetter(position))
            case Constant(value):
                functions.append(_constant(value))
            case Apply(operation, operands):
                parts = [functions[i] for i in operands]
                functions.append(_applied(in_floats(operation.name, precision), parts))
    return functions[expression.output]


def _constant(value: float) -> FloatOfInputs:
    return lambda _: value


def _applied(function: FloatFunction, parts: Sequence[FloatOfInputs]) -> FloatOfInputs:
    match parts:
        case [only]:
            return lambda inputs: function(only(inputs))
        case [one, other]:
            return lambda inputs: function(one(inputs), other(inputs))
    return lambda inputs: function(*[part(inputs) for part in parts])
