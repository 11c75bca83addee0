"""Which of several bugs are one bug, of which only one is sure."""

from __future__ import annotations

from collections.abc import Iterable

from gradcheck.blame.cause import Cause
from gradcheck.verdict import Verdict


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
