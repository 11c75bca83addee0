"""An engine that lets nobody look at its nodes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gradcheck.engines.protocol import Engine, Fault, Reading, Run
from gradcheck.expression import Case, Input
from gradcheck.operations import Operation
from gradcheck.precision import Precision

_NOTHING = Reading(value=None, adjoint=None)


@dataclass(frozen=True, slots=True)
class EngineWithoutNodes:
    """Another engine, of which only the output and the gradient by the inputs can be read."""

    engine: Engine

    @property
    def spec(self) -> str:
        return self.engine.spec

    @property
    def operations(self) -> frozenset[Operation]:
        return self.engine.operations

    @property
    def precision(self) -> Precision:
        return self.engine.precision

    def run(self, case: Case) -> Run:
        return without_nodes(case, self.engine.run(case))

    def run_again(self, case: Case) -> Run | None:
        run = self.engine.run_again(case)
        return None if run is None else without_nodes(case, run)

    def value(self, case: Case) -> float | Fault:
        return self.engine.value(case)


def without_nodes(case: Case, run: Run) -> Run:
    """A run of which only the output and the gradient by the inputs can be read."""
    nodes = zip(case.expression.nodes, run.readings, strict=False)
    readings = (reading if isinstance(node, Input) else _NOTHING for node, reading in nodes)
    fault = run.fault and replace(run.fault, position=None)
    return replace(run, readings=tuple(readings), fault=fault)
