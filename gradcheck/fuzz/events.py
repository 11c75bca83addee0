"""What a long run reports. Sinks consume these events and never steer the run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gradcheck.findings.finding import Finding
from gradcheck.fuzz.statistics import Statistics
from gradcheck.life.result import Result


@dataclass(frozen=True, slots=True)
class Started:
    """The run begins; ``missing`` are the operations asked for that the engine lacks."""

    engine: str
    seed: int
    operations: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """A round is over."""

    statistics: Statistics
    findings: int


@dataclass(frozen=True, slots=True)
class Found:
    """A new bug, shrunk, and the folder that it is kept in."""

    finding: Finding
    path: Path

    @property
    def signature(self) -> str:
        """The bug's."""
        return self.finding.verdict.signature


@dataclass(frozen=True, slots=True)
class Finished:
    """The run is over; the findings are ordered by gravity."""

    started: Started
    statistics: Statistics
    findings: tuple[Found, ...]
    interrupted: bool


@dataclass(frozen=True, slots=True)
class LifeChecked:
    """A check of life beyond one backward pass, and the folder of one that is broken."""

    result: Result
    path: Path | None


Event = Started | Progress | Found | Finished | LifeChecked
