"""A search for a bug among random expressions, and then for its smallest case."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from gradcheck.expression import Case
from gradcheck.fuzz.drawing import Drawn
from gradcheck.fuzz.rounds import complexity
from gradcheck.verdict import Verdict


class _BugError(AssertionError):
    """A case that shows the bug, which Hypothesis then shrinks."""


def search(
    drawn: st.SearchStrategy[Drawn],
    judge: Callable[[Case], Verdict],
    *,
    signature: str,
    expressions: int,
) -> Verdict | None:
    """The smallest case with a signature, if one is among so many random expressions.

    The same signature and engine give the same result.
    """
    smallest: Verdict | None = None
    judged: dict[Case, Verdict] = {}  # as many strings of bytes are one case
    faults: list[Exception] = []

    # To repeat a search, not to hide it.
    @seed(random.Random(signature).getrandbits(64))  # noqa: S311
    @settings(
        max_examples=expressions,
        phases=(Phase.generate, Phase.shrink),
        derandomize=False,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn)
    def judge_drawn(drawn: Drawn) -> None:
        nonlocal smallest
        expression, points = drawn
        for point in points:
            case = Case(expression, point)
            try:
                verdict = judged[case] = judged.get(case) or judge(case)
            except Exception as error:
                # The harness's own, as those of an engine are verdicts.
                faults.append(error)
                raise
            if verdict.kind.is_finding and verdict.signature == signature:
                if smallest is None or complexity(verdict) <= complexity(smallest):
                    smallest = verdict
                raise _BugError

    with contextlib.suppress(_BugError, Flaky):
        judge_drawn()
    # Hypothesis may have taken it for Flaky, as it asks for a case again.
    if faults:
        raise faults[-1]
    return smallest
