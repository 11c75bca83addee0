"""The same run gives the same bits."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from gradcheck.engines.lifecycle.protocol import LifecycleEngine, LifecycleRun
from gradcheck.expression import Case
from gradcheck.lifecycle.judge import NOTHING_TO_JUDGE
from gradcheck.lifecycle.result import Broken, Differs, Outcome, Result
from gradcheck.lifecycle.unchanged import one_pass

NAME = "same-bits"

_TIMES = 12

_SIZES = [*range(1, 480, 16)] * 30
"""Bytes, in all the sizes in which Python hands out memory to small objects."""


def same_bits(
    live: LifecycleEngine, cases: Sequence[Case], *, is_right: Callable[[Case], bool]
) -> Result:
    """A graph that is made anew from the same numbers has the same values and gradients.

    To the last bit, though another order of additions would be right as well. That order hangs on
    addresses where an engine keeps nodes in sets, so in each run they are others.
    """
    right = [case for case in cases if is_right(case)]
    if not right:
        return Result(NAME, Outcome.NOT_APPLICABLE, NOTHING_TO_JUDGE)
    first = [live.live(one_pass(case)) for case in right]
    draw = random.Random(0)  # noqa: S311 - to leave gaps, not to hide anything
    for _ in range(_TIMES - 1):
        in_the_way = [*map(bytes, _SIZES)]
        in_the_way = draw.sample(in_the_way, len(in_the_way) // 2)
        for case, before in zip(right, first, strict=True):
            again = live.live(one_pass(case))
            difference = next(_differences(case, before, again), None)
            if difference is not None:
                broken = Broken(one_pass(case), difference)
                return Result(NAME, Outcome.BROKEN, "", len(right), broken)
    return Result(NAME, Outcome.HOLDS, f"the same in {_TIMES} runs", len(right))


def _differences(case: Case, first: LifecycleRun, second: LifecycleRun) -> Iterator[Differs]:
    for one, other in zip(first.moments, second.moments, strict=False):
        for position, (x, y) in enumerate(zip(one.values, other.values, strict=True)):
            if x.hex() != y.hex():
                yield Differs(f"the value of node {position}", x, y)
        for name, g, h in zip(case.expression.inputs, one.gradients, other.gradients, strict=False):
            if _bits(g) != _bits(h):
                yield Differs(f"the gradient of {name}", g, h)


def _bits(number: float | None) -> str:
    return "none" if number is None else number.hex()
