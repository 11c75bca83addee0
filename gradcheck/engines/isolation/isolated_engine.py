"""An engine with a child process for each of its runs, which may end it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gradcheck.engines.faults import Fault
from gradcheck.engines.isolation.child_process import Ended, Limits, in_child
from gradcheck.engines.protocol import Engine, Run
from gradcheck.expression import Case, Expression
from gradcheck.operations import Operation
from gradcheck.precision import Precision

MEMORY = 2 * 2**30
"""Memory limit for one run, in bytes, unless another is given."""

IMPORT_SECONDS = 30.0
"""Time limit for the import of an engine's module, unless another is given."""

SECONDS_PER_NODE = 1e-2
"""Time for each node of an expression, which is added to the limit."""


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """The limits of one run of an engine: ``seconds``, ``None`` for the default, and bytes.

    ``import_seconds`` is the limit for the import of its module.
    """

    seconds: float | None = None
    memory: int = MEMORY
    import_seconds: float = IMPORT_SECONDS


T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class IsolatedEngine:
    """Run each call of another engine in a child process, with limits.

    Every run starts from a copy of the same process, so no run depends on those before it.
    """

    engine: Engine
    seconds: float
    memory: int

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
        run = self.isolated(lambda: self.engine.run(case), case.expression)
        if not isinstance(run, Ended):
            return run
        value = self.value(case)
        if isinstance(value, Fault):
            return Run(None, readings=(), fault=value)
        return Run(value, readings=(), fault=run.as_fault("backward"))

    def run_on_used_inputs(self, case: Case) -> Run | None:
        run = self.isolated(lambda: self.engine.run_on_used_inputs(case), case.expression)
        if not isinstance(run, Ended):
            return run
        # The inputs had other values first: a fault at those says nothing about this case.
        before = Case(case.expression, tuple(x / 2.0 for x in case.point))
        if self.run(before).fault is not None:
            return None
        return Run(None, readings=(), fault=run.as_fault("backward"))

    def value(self, case: Case) -> float | Fault:
        value = self.isolated(lambda: self.engine.value(case), case.expression)
        return value.as_fault("forward") if isinstance(value, Ended) else value

    def isolated(self, work: Callable[[], T], expression: Expression) -> T | Ended:
        """Return the result of work on an expression, or how it ended its process."""
        seconds = self.seconds + SECONDS_PER_NODE * len(expression.nodes)
        return in_child(work, Limits(seconds, self.memory))


def unwrapped(engine: Engine) -> Engine:
    """Return the engine inside an ``IsolatedEngine``, and any other engine as it is."""
    return engine.engine if isinstance(engine, IsolatedEngine) else engine
