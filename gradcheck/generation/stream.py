"""Random expressions with their points, one after the other, for a long run."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from gradcheck.expression import Expression
from gradcheck.generation.choices import RandomChoices
from gradcheck.generation.expressions import ExpressionGrammar
from gradcheck.generation.points import PointGrammar
from gradcheck.operations import Operation

Drawn = tuple[Expression, list[tuple[float, ...]]]
"""An expression and the points to judge it at."""

POINTS_PER_EXPRESSION = 8
"""At most: an expression takes long to draw, and little to judge at one more point."""


def random_expressions(
    operations: Sequence[Operation], *, max_ops: int, magnitude: float = 3.0, seed: str
) -> Iterator[Drawn]:
    """Yield random expressions without end, each with the points to judge it at.

    They are the same each time for the same arguments. The options are those of ``cases``.
    """
    grammar = ExpressionGrammar(operations, max_ops=max_ops, magnitude=magnitude)
    points = PointGrammar(operations, magnitude=magnitude)
    choices = RandomChoices(random.Random(seed))  # noqa: S311 - to repeat a run, not to hide it
    while True:
        expression = grammar.draw(choices)
        # Each of eight numbers is the first input once, and those that follow it are the others,
        # as if the eight stood in a ring.
        ring = points.draw(choices, POINTS_PER_EXPRESSION) * 2
        count = len(expression.inputs)
        drawn = (ring[start : start + count] for start in range(POINTS_PER_EXPRESSION))
        yield expression, list(dict.fromkeys(drawn))
