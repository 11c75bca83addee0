"""The stream of random expressions and points of a long run."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from gradcheck.generation.choices import RandomChoices
from gradcheck.generation.expressions import Drawn, ExpressionGrammar
from gradcheck.generation.points import PointGrammar
from gradcheck.operations import Operation
from gradcheck.precision import FLOAT64, Precision

POINTS_PER_EXPRESSION = 8
"""The most points. Drawing an expression takes long; judging it at another point does not."""


def random_expressions(
    operations: Sequence[Operation],
    *,
    max_ops: int,
    magnitude: float = 3.0,
    precision: Precision = FLOAT64,
    seed: str,
) -> Iterator[Drawn]:
    """Yield random expressions without end, each with the points to judge it at.

    The same arguments give the same expressions and points. Their numbers are in the range of the
    precision. The other options are those of ``cases``.
    """
    grammar = ExpressionGrammar(
        operations, max_ops=max_ops, magnitude=magnitude, precision=precision
    )
    points = PointGrammar(operations, magnitude=magnitude, precision=precision)
    choices = RandomChoices(random.Random(seed))  # noqa: S311 - to repeat a run, not to hide it
    while True:
        inputs = grammar.number_of_inputs(choices)
        # Eight numbers in a ring make eight points: each number in turn is the first input, and
        # the numbers after it are the other inputs.
        ring = points.draw(choices, POINTS_PER_EXPRESSION) * 2
        drawn = (ring[start : start + inputs] for start in range(POINTS_PER_EXPRESSION))
        yield grammar.draw(choices, inputs, list(dict.fromkeys(drawn)))
