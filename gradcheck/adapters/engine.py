"""What the harness asks of an engine under test, and what it gets back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gradcheck.expression import Case
from gradcheck.operations import Operation


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an engine gave no numbers: while ``forward`` or ``backward``, and what happened."""

    stage: str
    error: str
    message: str

    def __str__(self) -> str:
        return f"{self.error}: {self.message}" if self.message else self.error


@dataclass(frozen=True, slots=True)
class Reading:
    """What an engine says of one node: its value and its adjoint, ``None`` where there is none."""

    value: float | None
    adjoint: float | None


@dataclass(frozen=True, slots=True)
class Run:
    """One forward and backward pass of an engine over a case.

    ``readings`` has one entry per node of the expression; a constant's may be empty. ``value`` was
    read before the backward pass, the readings after it. With a ``fault`` there are only the
    numbers that came before it.
    """

    value: float | None
    readings: tuple[Reading, ...]
    fault: Fault | None = None


class Engine(Protocol):
    """An engine under test."""

    @property
    def spec(self) -> str:
        """What was asked for, such as ``engine:Value``."""

    @property
    def operations(self) -> frozenset[Operation]:
        """The operations of the table that the engine has."""

    def run(self, case: Case) -> Run:
        """Evaluate the case and send gradients back; never raises for what the engine does."""

    def value(self, case: Case) -> float | Fault:
        """Evaluate the case only; never raises for what the engine does."""
