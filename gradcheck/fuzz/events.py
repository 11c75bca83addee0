"""What a long run reports. Sinks consume these events and never steer the run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gradcheck.findings.replay import Replay
from gradcheck.fuzz.state import Found, State
from gradcheck.lifecycle.run import LifecycleResult


@dataclass(frozen=True, slots=True)
class Started:
    """The run begins; ``missing`` are the operations asked for that the engine lacks."""

    engine: str
    seed: int
    operations: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """A finding that the folder held was judged again."""

    path: Path
    replay: Replay


@dataclass(frozen=True, slots=True)
class Progress:
    """A round is over; the findings are in the order in which they were found."""

    state: State
    findings: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """The run is over; the findings are ordered by gravity.

    ``not_replayed`` is how many findings from before were not judged again, as it was stopped.
    """

    started: Started
    state: State
    findings: tuple[Found, ...]
    not_replayed: int
    interrupted: bool


@dataclass(frozen=True, slots=True)
class LifeChecked:
    """A check of life beyond one backward pass, and what was found if it is broken."""

    result: LifecycleResult
    found: Found | None


Event = Started | Replayed | Progress | Found | Finished | LifeChecked
