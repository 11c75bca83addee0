"""The smallest case of a bug."""

from __future__ import annotations

from collections.abc import Callable

from gradcheck.expression import Case
from gradcheck.fuzz.drawing import drawn_for
from gradcheck.fuzz.reduction import reduced
from gradcheck.fuzz.search import search
from gradcheck.operations import Operation
from gradcheck.verdict import Verdict

EXPRESSIONS_TO_FIND_A_SMALLER_CASE = 200


def smallest(
    bug: Verdict, operations: tuple[Operation, ...], judge: Callable[[Case], Verdict]
) -> Verdict:
    """The bug on a case with fewer operations, as long as there is one to be found.

    Reduction takes one step at a time, and some smaller cases are two steps away. So it is looked
    for again, from other starting points, among smaller expressions.
    """
    signature = bug.signature
    bug = reduced(bug, judge, signature=signature)
    while bug.case.expression.size > 0:
        smaller = search(
            drawn_for(operations, bug.case.expression.size - 1),
            judge,
            signature=signature,
            expressions=EXPRESSIONS_TO_FIND_A_SMALLER_CASE,
        )
        if smaller is None:
            break
        bug = reduced(smaller, judge, signature=signature)
    return bug
