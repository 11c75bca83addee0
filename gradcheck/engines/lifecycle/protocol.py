"""More than one backward pass: what can be done with a graph that lives on, and what is seen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from gradcheck.engines.faults import Fault
from gradcheck.expression import Expression


class Reset(StrEnum):
    """What ``zero_grad`` is called on."""

    OUTPUT = "the output"
    INPUTS = "the inputs"


@dataclass(frozen=True, slots=True)
class Build:
    """Evaluate an expression over the inputs; it is then the graph that later steps act on."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Backward:
    """Send gradients back from a node of the graph, which is an input or an operation."""

    position: int


@dataclass(frozen=True, slots=True)
class ZeroGrad:
    """Call the engine's own ``zero_grad``."""

    on: Reset


Step = Build | Backward | ZeroGrad


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Inputs, which are made once at a point, and what is done with them; the first step builds.

    All expressions have the same inputs.
    """

    point: tuple[float, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What can be seen after a step: the value of every node of the graph, and the gradients.

    There is one gradient per input, or ``None`` where an input has none; nobody looks at them
    before there was a backward pass.
    """

    values: tuple[float, ...]
    gradients: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class LifecycleRun:
    """A moment for every step of a life, up to the first that ended in a ``fault``."""

    moments: tuple[Snapshot, ...]
    fault: Fault | None = None


@runtime_checkable
class LifecycleEngine(Protocol):
    """An engine whose graphs stay after a backward pass."""

    @property
    def resets(self) -> tuple[Reset, ...]:
        """What its own ``zero_grad`` can be called on; nothing where it has none."""

    def live(self, life: Lifecycle) -> LifecycleRun:
        """Do all that a life consists of, on new inputs; never raises for what the engine does."""
