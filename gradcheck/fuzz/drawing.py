"""What a run draws: an expression, and the points to judge it at."""

from __future__ import annotations

from hypothesis import strategies as st

from gradcheck.expression import Expression
from gradcheck.operations import Operation
from strategies.numbers import Numbers
from strategies.programs import Programs

Drawn = tuple[Expression, list[tuple[float, ...]]]
"""An expression and the points to judge it at."""

POINTS_PER_EXPRESSION = 8
"""At most: an expression is dear to draw and cheap to judge once more."""


def drawn_for(operations: tuple[Operation, ...], max_size: int) -> st.SearchStrategy[Drawn]:
    """Expressions of up to ``max_size`` of the operations, each with its points.

    Of eight numbers each takes its turn as the first input, and those that follow it are the other
    inputs, as if the numbers stood in a ring.
    """
    programs = Programs(operations, max_size=max_size)
    numbers = Numbers(operations)
    length = 1 + programs.length + numbers.length(POINTS_PER_EXPRESSION)

    def decoded(drawn: bytes) -> Drawn:
        expression = programs.expression(drawn[1 : 1 + programs.length])
        ring = numbers.numbers(drawn[1 + programs.length :]) * 2
        count = len(expression.inputs)
        points = [ring[start : start + count] for start in range(POINTS_PER_EXPRESSION)]
        # Small values of the first byte are a point each, as shrinking needs no more than one.
        return expression, list(dict.fromkeys(points[drawn[0] : drawn[0] + 1] or points))

    # All in one choice, as each costs more than what is made of it.
    return st.binary(min_size=length, max_size=length).map(decoded)
