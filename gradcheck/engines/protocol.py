"""The protocol of an engine under test, and the numbers that it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from gradcheck.engines.faults import Fault
from gradcheck.expression import Case
from gradcheck.operations import Operation
from gradcheck.precision import Precision


class Reading(NamedTuple):
    """The value and the adjoint that an engine shows for one node; ``None`` for one it hides."""

    value: float | None
    adjoint: float | None


@dataclass(frozen=True, slots=True)
class Run:
    """One forward and backward pass of an engine over a case.

    ``value`` is the output, read before the backward pass. ``readings`` has one entry for each node
    of the expression, read after it. A constant has no adjoint, and a node of an engine that hides
    its nodes has neither number. With a ``fault`` there are only the numbers that came before it.
    """

    value: float | None
    readings: tuple[Reading, ...]
    fault: Fault | None = None


class Engine(Protocol):
    """An engine under test. It is hashable, so that its answers can be cached."""

    def __hash__(self) -> int: ...

    @property
    def spec(self) -> str:
        """The spec that the engine was loaded by, such as ``engine:Value``."""

    @property
    def operations(self) -> frozenset[Operation]:
        """The operations of the table that the engine has."""

    @property
    def precision(self) -> Precision:
        """The floating-point format of the engine; its cases have numbers of that format only."""

    def run(self, case: Case) -> Run:
        """Evaluate the case and run the backward pass. Never raises for what the engine does."""

    def run_on_used_inputs(self, case: Case) -> Run | None:
        """Run a case on inputs that another graph has used before, as a training loop does.

        The inputs had other values in that graph, and their gradients are cleared. Return ``None``
        if the engine has no inputs that can be used again.
        """

    def value(self, case: Case) -> float | Fault:
        """Evaluate the case without a backward pass. Never raises for what the engine does."""
