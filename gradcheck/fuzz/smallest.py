"""The smallest case of a bug."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from gradcheck.expression import Case
from gradcheck.generation.stream import random_expressions
from gradcheck.operations import Operation
from gradcheck.shrinking import reduced
from gradcheck.verdict import Verdict

EXPRESSIONS_TO_FIND_A_SMALLER_CASE = 200


def smallest(
    bug: Verdict, operations: tuple[Operation, ...], judge: Callable[[Case], Verdict]
) -> Verdict:
    """The bug on a case with fewer operations, as long as there is one to be found.

    Reduction takes one step at a time, and some smaller cases are two steps away. So it is looked
    for again, from other starting points, among smaller expressions.
    """
    smaller: Verdict | None = bug
    while smaller is not None:
        bug = reduced(smaller, judge, signature=bug.signature)
        smaller = _smaller(bug, operations, judge)
    return bug


def _smaller(
    bug: Verdict, operations: tuple[Operation, ...], judge: Callable[[Case], Verdict]
) -> Verdict | None:
    """The bug in a random expression that is smaller, if it shows in one of them."""
    size = bug.case.expression.size
    if not size:
        return None
    drawn = random_expressions(operations, max_ops=size - 1, seed=bug.signature)
    for expression, points in islice(drawn, EXPRESSIONS_TO_FIND_A_SMALLER_CASE):
        for point in points:
            verdict = judge(Case(expression, point))
            if verdict.kind.is_finding and verdict.signature == bug.signature:
                return verdict
    return None
