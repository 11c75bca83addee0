"""Expressions that stay inside the domains of their operations, judged in plain floats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import compress
from math import isfinite

from gradcheck.expression import Apply, Constant, Expression, Input, Node
from gradcheck.operations import Operation
from gradcheck.oracles import floats
from gradcheck.precision import FLOAT64

Point = tuple[float, ...]
"""A number for each input."""


class Builder:
    """The nodes of an expression so far, each with its values at ``points``.

    At these points no value is outside of a domain, and none overflows. Any others are dropped.
    """

    def __init__(self, inputs: Sequence[Input], points: Sequence[Point]) -> None:
        self.points = list(points)
        self._required = (len(points) + 1) // 2
        self._nodes: list[Node] = [*inputs]
        self._values = [[point[index] for point in points] for index in range(len(inputs))]

    def constant(self, constant: Constant) -> int:
        """Add a constant and return its position."""
        self._nodes.append(constant)
        self._values.append([float(constant.value)] * len(self.points))
        return len(self._nodes) - 1

    def apply(
        self, operations: Sequence[Operation], operands: Sequence[int], parameter: Constant
    ) -> int:
        """Add the first of the operations that leaves at least half of the points.

        If there is none, add the first. The operations have as many variables as there are
        operands; each of their parameters is ``parameter``. Returns the position.
        """
        columns = [self._values[operand] for operand in operands]
        exponent = [float(parameter.value)] * len(self.points)
        required = min(self._required, len(self.points))
        for operation in (*operations, operations[0]):
            function = _value_inside(operation)
            values = list(map(function, *columns, *[exponent] * operation.parameters))
            inside = list(map(isfinite, values))
            if sum(inside) >= required:
                break
        parameters = [self.constant(parameter) for _ in range(operation.parameters)]
        self._nodes.append(Apply(operation, (*operands, *parameters)))
        self._values.append(values)
        if not all(inside):
            self.points = list(compress(self.points, inside))
            self._values = [list(compress(column, inside)) for column in self._values]
        return len(self._nodes) - 1

    def expression(self, output: int) -> Expression:
        """Return the expression."""
        return Expression(tuple(self._nodes), output=output)


@cache
def _value_inside(operation: Operation) -> floats.FloatFunction:
    """Return a function for an operation's value: no finite number outside of its domain.

    The value of an operation that you registered is unknown; its first operand stands for it.
    """
    if not floats.has_function(operation.name):
        return _first
    return _INSIDE.get(operation.name) or floats.in_floats(operation.name, FLOAT64)


def _first(first: float, *_others: float) -> float:
    return first


def _sqrt(a: float) -> float:
    return math.sqrt(a) if a > 0.0 else math.nan


_power = floats.in_floats("**", FLOAT64)


def _power_inside(a: float, n: float) -> float:
    is_edge = a == 0.0 and n < 1.0 and n != 0.0
    return math.nan if is_edge else _power(a, n)


_INSIDE: dict[str, floats.FloatFunction] = {"sqrt": _sqrt, "**": _power_inside}
"""Functions whose value is finite at the edge of their domain, where no derivative is."""
