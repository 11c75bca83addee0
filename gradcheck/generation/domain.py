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
from gradcheck.precision import Precision

Point = tuple[float, ...]
"""A number for each input."""

_BEST = 2
"""The merit of an operation that depends on its operands and is inside its domain."""


class Builder:
    """The nodes of an expression so far, each with its values at ``points``.

    At these points no value is outside of a domain, and none overflows. Any others are dropped.
    """

    def __init__(
        self, inputs: Sequence[Input], points: Sequence[Point], precision: Precision
    ) -> None:
        self._precision = precision
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
        self,
        operations: Sequence[Operation],
        operands: Sequence[int],
        parameters: Sequence[Constant],
    ) -> int:
        """Add the first of the operations that serves best, and return its position.

        The operations have as many variables as there are operands. Each takes as many of the last
        ``parameters`` as it needs.
        """
        columns = [self._values[operand] for operand in operands]
        constant_columns = [[float(p.value)] * len(self.points) for p in parameters]
        chosen, values, most = operations[0], list[float](), -1
        for operation in operations:
            function = value_inside(operation, self._precision)
            chosen_columns = constant_columns[len(parameters) - operation.parameters :]
            found = list(map(function, *columns, *chosen_columns))
            if (merit := self._merit(found)) > most:
                chosen, values, most = operation, found, merit
            if merit == _BEST:
                break
        needed = parameters[len(parameters) - chosen.parameters :]
        self._nodes.append(Apply(chosen, (*operands, *map(self.constant, needed))))
        self._values.append(values)
        inside = list(map(isfinite, values))
        if not all(inside):
            self.points = list(compress(self.points, inside))
            self._values = [list(compress(column, inside)) for column in self._values]
        return len(self._nodes) - 1

    def _merit(self, values: Sequence[float]) -> int:
        """Return the merit of an operation with these values.

        It is 0 for one that leaves less than half of the points, 1 for one with the same value at
        half of them or more, as ``a - a`` has at all, and ``_BEST`` for all others.
        """
        inside = list(filter(isfinite, values))
        if len(inside) < min(self._required, len(values)):
            return 0
        return _BEST if 2 * len(set(inside)) > len(inside) else 1

    def expression(self, output: int) -> Expression:
        """Return the expression."""
        return Expression(tuple(self._nodes), output=output)


@cache
def value_inside(operation: Operation, precision: Precision) -> floats.FloatFunction:
    """Return a function for an operation's value: no finite number outside of its domain.

    Where the row has no value in floats, the first operand stands for it.
    """
    function = floats.in_floats(operation, precision)
    if function is None:
        return _first
    is_at_edge = operation.is_at_edge
    if is_at_edge is None:
        return function
    return lambda *operands: math.nan if is_at_edge(*operands) else function(*operands)


def _first(first: float, *_others: float) -> float:
    return first
