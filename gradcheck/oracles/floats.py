"""An expression in floating-point arithmetic: what a plain engine computes, step by step.

These numbers are never the truth. Where an engine returns the same bits, it has computed the same.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter

from gradcheck.expression import Apply, Case, Constant, Expression
from gradcheck.operations import Operation
from gradcheck.precision import Precision

FloatFunction = Callable[..., float]

FloatOfInputs = Callable[[Sequence[float]], float]

DETERMINED = frozenset({"+", "-", "*", "/", "neg", "sqrt", "abs", "relu", "max", "min"})
"""The operations whose result IEEE 754 determines, every bit of it.

In a shorter format it is the float64 result rounded once more, as float64 has more than twice its
digits plus two (Figueroa, When is double rounding innocuous?, 1995).
"""

_EXPRESSIONS_KEPT = 256


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


def in_floats(operation: Operation, precision: Precision) -> FloatFunction | None:
    """Return an operation on floats of a format, ``None`` where there is no faithful one.

    There is none for an operation of the user's own, and for one that has to be more accurate, in
    this format, than the table of operations asks.
    """
    function = _FUNCTIONS.get(operation.name)
    if function is None or precision.roundings(operation) < operation.roundings:
        return None
    if precision.holds_every_float:
        return function
    nearest = precision.nearest
    return lambda *operands: nearest(function(*operands))


def addition(precision: Precision) -> FloatFunction:
    """Return the addition of two floats of a format."""
    if precision.holds_every_float:
        return operator.add
    nearest = precision.nearest
    return lambda x, y: nearest(x + y)


def value_in_floats(case: Case, precision: Precision) -> float:
    """Return the value that float operations give, NaN if an operation is not in floats."""
    return _function(case.expression, precision)(case.point)


@lru_cache(maxsize=_EXPRESSIONS_KEPT)
def _function(expression: Expression, precision: Precision) -> FloatOfInputs:
    return as_function(expression, precision)


def as_function(expression: Expression, precision: Precision) -> FloatOfInputs:
    """Return a function from the inputs to the output; it is NaN if an operation is not in floats.

    >>> from gradcheck import parse
    >>> from gradcheck.precision import FLOAT64
    >>> as_function(parse("2*a*b + 1"), FLOAT64)([3.0, 5.0])
    31.0
    """
    steps: list[tuple[int, FloatFunction, int, int | None]] = []
    numbers = [math.nan] * len(expression.nodes)
    for position, node in enumerate(expression.nodes):
        if isinstance(node, Constant):
            numbers[position] = float(node.value)
        elif isinstance(node, Apply) and expression.used[position]:
            function = in_floats(node.operation, precision)
            if function is None:
                return lambda _: math.nan
            left, *others = node.operands
            steps.append((position, function, left, others[0] if others else None))
    inputs, output = len(expression.inputs), expression.output
    match steps:
        case []:
            return itemgetter(output) if output < inputs else lambda _: numbers[output]
        case [(_, function, left, int(right))] if max(left, right) < inputs:
            return lambda point: function(point[left], point[right])

    def evaluate(point: Sequence[float]) -> float:
        values = numbers.copy()
        values[:inputs] = point
        for position, function, left, right in steps:
            values[position] = (
                function(values[left]) if right is None else function(values[left], values[right])
            )
        return values[output]

    return evaluate
