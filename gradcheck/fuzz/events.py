"""The state of a long run, and the events of it. Their consumers never steer the run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gradcheck.findings.finding import Finding, Sighting, now
from gradcheck.findings.replay import Replay
from gradcheck.fuzz.statistics import Statistics
from gradcheck.lifecycle.run import LifecycleResult
from gradcheck.report import AnyCase

SECONDS_BETWEEN_LINES = 5.0
"""Time between two progress lines where there is no live screen."""


def every(seconds: float) -> Callable[[], bool]:
    """Return a function that is true at first, and then once that many seconds have passed."""
    due = time.monotonic()

    def is_due() -> bool:
        nonlocal due
        if time.monotonic() < due:
            return False
        due = time.monotonic() + seconds
        return True

    return is_due


@dataclass(slots=True)
class State:
    """The state of a run, which is enough to resume it, together with its findings.

    ``next_round`` is the first round that is not counted yet. ``seconds`` is the time that the run
    has taken, and ``last_new`` the time until the last new coverage or finding. ``last_seen`` tells
    for each signature when a case last showed that bug. ``not_reported`` are the signatures of bugs
    that were not reported, because a known bug shows in the same cases. ``depth_limit`` is the
    largest number of operations in a chain before the engine's recursion ends it, if it does.
    """

    statistics: Statistics = field(default_factory=Statistics)
    next_round: int = 0
    began: datetime = field(default_factory=now)
    seconds: float = 0.0
    last_new: float = 0.0
    last_seen: dict[str, datetime] = field(default_factory=dict)
    not_reported: set[str] = field(default_factory=set)
    depth_limit: int | None = None

    def sighting(self, signature: str, *, seed: int) -> Sighting:
        """Return when and how often this run saw a bug."""
        return Sighting(
            began=self.began,
            last=self.last_seen.get(signature, self.began),
            times=max(1, self.statistics.bugs[signature]),
            seed=seed,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A new finding and its folder; it ``is_new`` if no earlier run found it."""

    finding: Finding
    path: Path
    is_new: bool = True

    @property
    def signature(self) -> str:
        """The signature of the bug."""
        return self.finding.verdict.signature

    @property
    def gravity(self) -> int:
        """The rank of the finding's kind, 0 for the gravest."""
        return self.finding.kind.gravity


@dataclass(frozen=True, slots=True)
class EarlierFinding:
    """A saved finding that is to be judged again.

    It ``is_new`` if this run itself found it, before it was resumed.
    """

    signature: str
    path: Path
    smallest: AnyCase
    worst: AnyCase
    cases: int
    is_new: bool

    @classmethod
    def of(cls, found: Found) -> EarlierFinding:
        """Return what has to be saved of a finding to judge it again."""
        return cls(
            signature=found.signature,
            path=found.path,
            smallest=found.finding.verdict.report.case,
            worst=found.finding.worst.report.case,
            cases=found.finding.cases,
            is_new=found.is_new,
        )


@dataclass(frozen=True, slots=True)
class Started:
    """The run begins.

    ``missing`` are the requested operations that the engine lacks, and ``left_out`` has a sentence
    on each check that is not made.
    """

    engine: str
    seed: int
    operations: tuple[str, ...]
    missing: tuple[str, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """An earlier finding in the folder was judged again."""

    path: Path
    replay: Replay


@dataclass(frozen=True, slots=True)
class Progress:
    """A round is over; the findings are in the order in which they were found."""

    state: State
    findings: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """The run is over; the gravest findings come first.

    ``not_replayed`` counts the earlier findings that were not judged again before the run stopped.
    ``advice`` are sentences on operations to mend before others, whose findings come first then.
    ``ended_early`` are sentences on what was not finished, and why.
    """

    started: Started
    state: State
    findings: tuple[Found, ...]
    not_replayed: int
    interrupted: bool
    advice: tuple[str, ...] = ()
    ended_early: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LifeChecked:
    """A check of the lifecycle, with the finding if it is broken."""

    result: LifecycleResult
    found: Found | None


Event = Started | Replayed | Progress | Found | Finished | LifeChecked
