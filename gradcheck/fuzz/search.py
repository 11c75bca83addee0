"""One round of a run: random cases until a bug shows, then its smallest case."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from gradcheck.adapters.time_limit import watched
from gradcheck.blame.cause import Cause
from gradcheck.expression import Case
from gradcheck.fuzz.drawing import Drawn
from gradcheck.fuzz.statistics import Statistics
from gradcheck.verdict import Verdict


class _BugError(AssertionError):
    """A case that shows a bug. Hypothesis shrinks each subclass on its own."""


@cache
def _error_for(signature: str) -> type[_BugError]:
    """One class per signature, as Hypothesis tells bugs apart by exception class and line."""
    return type("_BugError", (_BugError,), {"signature": signature})


def search(
    drawn: st.SearchStrategy[Drawn],
    judge: Callable[[Case], Verdict],
    *,
    wanted: Callable[[Verdict], bool],
    statistics: Statistics,
    round_seed: str,
    expressions: int,
) -> tuple[list[Verdict], bool]:
    """Judge so many random expressions; the smallest case of each bug that is ``wanted``.

    What is drawn until the first such bug shows is added to ``statistics``, what comes of shrinking
    it is not. The second result tells of a ``KeyboardInterrupt``: then the cases are shrunk as far
    as it got. The same seed, engine and wants give the same result.
    """
    smallest: dict[str, Verdict] = {}
    judged: dict[Case, Verdict] = {}  # while shrinking, as many strings of bytes are one case
    faults: list[Exception] = []

    @seed(random.Random(round_seed).getrandbits(64))  # noqa: S311 - to repeat a run, not to hide it
    @settings(
        max_examples=expressions,
        phases=(Phase.generate, Phase.shrink),
        derandomize=False,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn)
    def judge_drawn(drawn: Drawn) -> None:
        expression, points = drawn
        exploring = not smallest
        statistics.expressions += exploring
        for point in points:
            case = Case(expression, point)
            with _noting(faults):
                verdict = judged.get(case) or judge(case)
            if exploring:
                statistics.count(verdict)
            else:
                judged[case] = verdict
            if verdict.kind.is_finding and wanted(verdict):
                best = smallest.setdefault(verdict.signature, verdict)
                if _complexity(verdict) <= _complexity(best):
                    smallest[verdict.signature] = verdict
                raise _error_for(verdict.signature)

    interrupted = False
    try:
        with watched():
            judge_drawn()
    except KeyboardInterrupt:
        interrupted = True
    except (_BugError, Flaky):
        pass
    except BaseExceptionGroup as group:
        # Several bugs at once. Anything else among them is the harness's own and goes on up.
        _, others = group.split((_BugError, Flaky))
        if others is not None:
            raise others from None
    _raise_last(faults)
    return distinct(smallest.values()), interrupted


@contextlib.contextmanager
def _noting(faults: list[Exception]) -> Iterator[None]:
    """Note what is raised: an error of the harness itself, as those of an engine are verdicts."""
    try:
        yield
    except Exception as error:
        faults.append(error)
        raise


def _raise_last(faults: list[Exception]) -> None:
    """Raise what Hypothesis may have taken for Flaky.

    It asks for a case again, and ``judge`` need not do all that it did the first time.
    """
    if faults:
        raise faults[-1]


def _complexity(verdict: Verdict) -> tuple[int, int, int]:
    """What makes a case small: operations, then nodes, then the length of its numbers."""
    expression, point = verdict.case.expression, verdict.case.point
    return expression.size, len(expression.nodes), sum(len(repr(number)) for number in point)


def distinct(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The verdicts that no surer one explains."""
    distinct: list[Verdict] = []
    for verdict in sorted(verdicts, key=_doubt):
        if not any(bug.explains(verdict) for bug in distinct):
            distinct.append(verdict)
    return distinct


def _doubt(verdict: Verdict) -> tuple[int, int]:
    if verdict.blame is None:
        return verdict.kind.gravity, 0
    return list(Cause).index(verdict.blame.cause), len(verdict.blame.operations)
