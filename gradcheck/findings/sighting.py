"""When a bug was seen, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one run saw of a bug: ``times`` cases that showed it, the last of them at ``last``.

    ``began`` is when the run did, and ``seed`` is the run's, if it had one.
    """

    began: datetime
    last: datetime
    times: int
    seed: int | None


def now() -> datetime:
    """The time in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
