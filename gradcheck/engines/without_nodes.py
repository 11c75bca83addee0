"""An engine seen from outside only: its nodes cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gradcheck.engines.faults import Fault
from gradcheck.engines.protocol import Engine, Reading, Run
from gradcheck.expression import Case, Input
from gradcheck.operations import Operation
from gradcheck.precision import Precision

_HIDDEN = Reading(value=None, adjoint=None)


@dataclass(frozen=True, slots=True, repr=False)
class EngineWithoutNodes:
    """An engine that shows the output and the gradient of another one, and no inner node."""

    engine: Engine

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.spec}>"

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

    def run_on_used_inputs(self, case: Case) -> Run | None:
        run = self.engine.run_on_used_inputs(case)
        return None if run is None else without_nodes(case, run)

    def value(self, case: Case) -> float | Fault:
        return self.engine.value(case)


def without_nodes(case: Case, run: Run) -> Run:
    """Return the run with everything hidden but the output and the gradient."""
    nodes = zip(case.expression.nodes, run.readings, strict=False)
    readings = (reading if isinstance(node, Input) else _HIDDEN for node, reading in nodes)
    fault = run.fault and replace(run.fault, position=None)
    return replace(run, readings=tuple(readings), fault=fault)
