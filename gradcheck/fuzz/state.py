"""How far a run has come."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from gradcheck.expression import Case
from gradcheck.findings.finding import Finding, Sighting, now
from gradcheck.fuzz.statistics import Statistics


class Status(StrEnum):
    """Whether a run goes on; one that was killed is ``running`` for good."""

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"


@dataclass(slots=True)
class State:
    """All that a run has to know to go on, but for what it found.

    ``next_round`` is the first one that is not counted yet, ``seconds`` how long the run took until
    then, and ``newest`` how long until something new was seen for the last time. ``last_seen`` is
    when a case last showed a bug, by its signature, and ``set_aside`` are the signatures that were
    not reported, as a known bug shows in their cases.
    """

    statistics: Statistics = field(default_factory=Statistics)
    next_round: int = 0
    began: datetime = field(default_factory=now)
    seconds: float = 0.0
    newest: float = 0.0
    last_seen: dict[str, datetime] = field(default_factory=dict)
    set_aside: set[str] = field(default_factory=set)

    def sighting(self, signature: str, *, seed: int) -> Sighting:
        """What the run, which has a seed, saw of a bug: at least the case that it was found by."""
        return Sighting(
            began=self.began,
            last=self.last_seen.get(signature, self.began),
            times=max(1, self.statistics.seen[signature]),
            seed=seed,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A bug, shrunk, and the folder that it is kept in; it ``is_new`` if no run found it before."""

    finding: Finding
    path: Path
    is_new: bool = True

    @property
    def signature(self) -> str:
        """The bug's."""
        return self.finding.verdict.signature


@dataclass(frozen=True, slots=True)
class FoundBefore:
    """A bug as it was found earlier, by another run unless it ``is_new``: not yet judged again."""

    signature: str
    path: Path
    smallest: Case
    worst: Case
    cases: int
    is_new: bool

    @classmethod
    def of(cls, found: Found) -> FoundBefore:
        """What is kept of a bug to judge it again."""
        return cls(
            signature=found.signature,
            path=found.path,
            smallest=found.finding.verdict.case,
            worst=found.finding.worst.case,
            cases=found.finding.cases,
            is_new=found.is_new,
        )
