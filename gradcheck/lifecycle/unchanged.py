"""Values are unchanged by a backward pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gradcheck.engines.lifecycle.protocol import Backward, Build, Lifecycle, LifecycleEngine
from gradcheck.expression import Case
from gradcheck.lifecycle.judge import NOTHING_TO_JUDGE
from gradcheck.lifecycle.result import Broken, Changed, Outcome, Result

NAME = "unchanged"


def unchanged(
    live: LifecycleEngine, cases: Sequence[Case], *, is_right: Callable[[Case], bool]
) -> Result:
    """Every node, the inputs among them, has the value after ``backward()`` that it had before."""
    lives = 0
    for case in cases:
        life = one_pass(case)
        lived = live.live(life)
        if lived.fault is not None or not is_right(case):
            continue
        lives += 1
        before, after = (moment.values for moment in lived.moments)
        for position, (old, new) in enumerate(zip(before, after, strict=True)):
            if old.hex() != new.hex():
                broken = Broken(life, Changed(position, old, new))
                return Result(NAME, Outcome.BROKEN, "", lives, broken)
    if not lives:
        return Result(NAME, Outcome.NOT_APPLICABLE, NOTHING_TO_JUDGE)
    return Result(NAME, Outcome.HOLDS, "values stay as they were", lives)


def one_pass(case: Case) -> Lifecycle:
    """A graph is made, and gradients are sent back once."""
    return Lifecycle(case.point, (Build(case.expression), Backward(case.expression.output)))
