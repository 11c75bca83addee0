"""What a run draws: an expression, and the points to judge it at."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from gradcheck.expression import Expression
from gradcheck.operations import Operation
from gradcheck.strategies.numbers import Numbers
from gradcheck.strategies.programs import Programs

Drawn = tuple[Expression, list[tuple[float, ...]]]
"""An expression and the points to judge it at."""

POINTS_PER_EXPRESSION = 8
"""At most: an expression is dear to draw and cheap to judge once more."""

_MAGNITUDE = 3.0

_ROUNDS_AT_A_TURN = 6

_OTHER_MAGNITUDES = (1e-3, 30.0, 1e-8, 1e10)
"""What one round in six draws its numbers of, in turn.

At one magnitude the same comes again and again, and at others more is undecided. In this way 3,000
expressions cover a quarter more of what operations get from each other, by its magnitude, and less
than one case in twenty is undecided.
"""


class _Code(NamedTuple):
    """What strings of so many bytes stand for."""

    length: int
    decoded: Callable[[bytes], Drawn]


def _code(operations: tuple[Operation, ...], max_size: int, magnitude: float) -> _Code:
    """Expressions of up to ``max_size`` of the operations, each with its points.

    Of eight numbers each takes its turn as the first input, and those that follow it are the other
    inputs, as if the numbers stood in a ring.
    """
    programs = Programs(operations, max_size=max_size, magnitude=magnitude)
    numbers = Numbers(operations, magnitude=magnitude)

    def decoded(drawn: bytes) -> Drawn:
        expression = programs.expression(drawn[1 : 1 + programs.length])
        ring = numbers.numbers(drawn[1 + programs.length :]) * 2
        count = len(expression.inputs)
        points = [ring[start : start + count] for start in range(POINTS_PER_EXPRESSION)]
        # Small values of the first byte are a point each, so that a seed draws what it always did.
        return expression, list(dict.fromkeys(points[drawn[0] : drawn[0] + 1] or points))

    return _Code(1 + programs.length + numbers.length(POINTS_PER_EXPRESSION), decoded)


def drawn_in_round(
    operations: tuple[Operation, ...], max_size: int, *, seed: int, number: int
) -> Iterator[Drawn]:
    """What a round draws, without an end: always the same for a seed and the round's number."""
    return _drawn(_code(operations, max_size, _magnitude_of(number)), f"{seed}:{number}")


def drawn_to_shrink(
    operations: tuple[Operation, ...], max_size: int, *, signature: str
) -> Iterator[Drawn]:
    """What a bug is looked for in again, without an end: always the same for its signature."""
    return _drawn(_code(operations, max_size, _MAGNITUDE), signature)


def _drawn(code: _Code, seed: str) -> Iterator[Drawn]:
    """Random expressions and their points, without an end."""
    source = random.Random(seed)  # noqa: S311 - to repeat a run, not to hide it
    while True:
        yield code.decoded(source.randbytes(code.length))


def _magnitude_of(number: int) -> float:
    turn, place = divmod(number, _ROUNDS_AT_A_TURN)
    return _OTHER_MAGNITUDES[turn % len(_OTHER_MAGNITUDES)] if place == 1 else _MAGNITUDE
