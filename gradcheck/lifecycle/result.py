"""What a check of an engine's life comes to, with what proves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gradcheck.engines.faults import Fault
from gradcheck.engines.lifecycle.protocol import Lifecycle
from gradcheck.oracles.certificate import Certified


class Outcome(StrEnum):
    """A check's result in a word."""

    HOLDS = "holds"
    BROKEN = "broken"
    REFUSED = "refused"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class WrongEnd:
    """The gradients at the end of a life are proved to be none of those that they may be.

    ``as_before`` says that it is smaller graphs which leave only these ``ends``.
    """

    gradients: tuple[float | None, ...]
    ends: Mapping[str, tuple[Certified, ...]]
    as_before: bool


@dataclass(frozen=True, slots=True)
class Raised:
    """The engine raised an error or came to no end, where nothing excuses it."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class Changed:
    """A node holds another number after the backward pass than before it."""

    position: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Differs:
    """A number is another one when all is done again; ``what`` says which."""

    what: str
    first: float | None
    second: float | None


Evidence = WrongEnd | Raised | Changed | Differs


@dataclass(frozen=True, slots=True)
class Broken:
    """The smallest life that does not go as it should, and what is wrong with it."""

    life: Lifecycle
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found.

    ``says`` is a clause: what the engine does, or why there is no answer. ``lives`` counts those
    that were judged, up to the one that is broken.
    """

    check: str
    outcome: Outcome
    says: str
    lives: int = 0
    broken: Broken | None = None
