"""More than one backward pass: graphs that live on, and what is seen of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from gradcheck.engines.faults import Fault
from gradcheck.expression import Case, Reset


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What can be seen after a step: the value of every node of the graph, and the gradients.

    There is one gradient per input, or ``None`` where an input has none. There are none at all
    after a graph is built, as they need not be readable before a backward pass.
    """

    values: tuple[float, ...]
    gradients: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class LifecycleRun:
    """A snapshot of the graph as it is built and one after every step, up to the first fault."""

    snapshots: tuple[Snapshot, ...]
    fault: Fault | None = None


@runtime_checkable
class LifecycleEngine(Protocol):
    """An engine whose graphs stay after a backward pass."""

    @property
    def resets(self) -> tuple[Reset, ...]:
        """What its own ``zero_grad`` can be called on; nothing where it has none."""

    def live(self, case: Case) -> LifecycleRun:
        """Evaluate a case on new inputs and do its steps; never raises for what the engine does.

        A ``Repeat`` is no step of the engine's: it is for the caller to do all of it once more.
        """
