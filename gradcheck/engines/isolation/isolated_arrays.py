"""An engine of arrays with a child process for each of its runs, which may end it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from gradcheck.engines.arrays.protocol import ArrayEngine, ArrayRun
from gradcheck.engines.faults import Fault
from gradcheck.engines.isolation.child_process import Ended, Limits, in_child
from gradcheck.engines.isolation.isolated_engine import SECONDS_PER_NODE
from gradcheck.precision import Precision

if TYPE_CHECKING:
    from gradcheck.arrays.program import ArrayCase
    from gradcheck.engines.arrays.writing import ArrayCode

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class IsolatedArrays:
    """Run each call of another engine of arrays in a child process, with limits."""

    engine: ArrayEngine
    seconds: float
    memory: int

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.spec}>"

    @property
    def spec(self) -> str:
        return self.engine.spec

    @property
    def array_operations(self) -> frozenset[str]:
        return self.engine.array_operations

    @property
    def missing_forms(self) -> frozenset[str]:
        return self.engine.missing_forms

    @property
    def precision(self) -> Precision:
        return self.engine.precision

    def run(self, case: ArrayCase) -> ArrayRun:
        run = self._isolated(lambda: self.engine.run(case), case)
        if not isinstance(run, Ended):
            return run
        value = self.value(case)
        if isinstance(value, Fault):
            return ArrayRun(None, fault=value)
        return ArrayRun(value, fault=run.as_fault("backward"))

    def value(self, case: ArrayCase) -> float | Fault:
        value = self._isolated(lambda: self.engine.value(case), case)
        return value.as_fault("forward") if isinstance(value, Ended) else value

    def code(self, case: ArrayCase) -> ArrayCode | None:
        code = self._isolated(lambda: self.engine.code(case), case)
        return None if isinstance(code, Ended) else code

    def _isolated(self, work: Callable[[], T], case: ArrayCase) -> T | Ended:
        seconds = self.seconds + SECONDS_PER_NODE * len(case.expression.nodes)
        return in_child(work, Limits(seconds, self.memory))
