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

_NEVER_RAISE = DETERMINED - {"sqrt"}
"""The operations whose function in floats has a number or a NaN for all operands."""

_EXPRESSIONS_KEPT = 256


def _total(function: FloatFunction) -> FloatFunction:
    """Return the function with a NaN where Python raises an error."""

    def call(*operands: float) -> float:
        try:
            return function(*operands)
        except (ArithmeticError, ValueError):
            return math.nan

    return call


def in_floats(operation: Operation, precision: Precision) -> FloatFunction | None:
    """Return an operation on floats of a format, ``None`` where there is no faithful one.

    There is none where the row has none, and for an operation that has to be more accurate, in this
    format, than the table of operations asks.
    """
    function = operation.in_floats
    if function is None or precision.roundings(operation) < operation.roundings:
        return None
    if operation.name not in _NEVER_RAISE:
        function = _total(function)
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
    steps: list[tuple[int, FloatFunction, tuple[int, ...]]] = []
    numbers = [math.nan] * len(expression.nodes)
    for position, node in enumerate(expression.nodes):
        if isinstance(node, Constant):
            numbers[position] = float(node.value)
        elif isinstance(node, Apply) and expression.used[position]:
            function = in_floats(node.operation, precision)
            if function is None:
                return lambda _: math.nan
            steps.append((position, function, node.operands))
    inputs, output = len(expression.inputs), expression.output
    match steps:
        case []:
            return itemgetter(output) if output < inputs else lambda _: numbers[output]
        case [(_, function, (left, right))] if max(left, right) < inputs:
            return lambda point: function(point[left], point[right])

    return _evaluator(steps, numbers, inputs, output)


def _evaluator(
    steps: Sequence[tuple[int, FloatFunction, tuple[int, ...]]],
    numbers: Sequence[float],
    inputs: int,
    output: int,
) -> FloatOfInputs:
    """Return a function that takes the steps in order, on the numbers of the constants."""

    def evaluate(point: Sequence[float]) -> float:
        values = [*point, *numbers[inputs:]]
        for position, function, operands in steps:
            # Unpacking the operands of every operation would take a third longer.
            if len(operands) == 1:
                values[position] = function(values[operands[0]])
            elif len(operands) == 2:  # noqa: PLR2004 - most operations
                values[position] = function(values[operands[0]], values[operands[1]])
            else:
                values[position] = function(*[values[i] for i in operands])
        return values[output]

    return evaluate
