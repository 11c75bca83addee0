"""An engine that may end its process: each of its runs is done in a child."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gradcheck.engines.isolation.child_process import Ended, Limits, in_child
from gradcheck.engines.protocol import Engine, Fault, Run
from gradcheck.expression import Case, Expression
from gradcheck.operations import Operation
from gradcheck.precision import Precision

MEMORY = 2 * 2**30
"""Bytes that a run may take if nothing else is said."""

_SECONDS_PER_NODE = 1e-2


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What a run of an engine may take: ``None`` stands for the seconds that suit the engine."""

    seconds: float | None = None
    memory: int = MEMORY


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class IsolatedEngine:
    """Another engine, with limits on what a run of it may take, that lives through all it does.

    As every run begins in a copy of the same process, none depends on those before it.
    """

    engine: Engine
    seconds: float
    memory: int

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

    def run_again(self, case: Case) -> Run | None:
        run = self.isolated(lambda: self.engine.run_again(case), case.expression)
        if not isinstance(run, Ended):
            return run
        # What stops the engine at the numbers that the inputs had before says nothing of these.
        before = Case(case.expression, tuple(x / 2.0 for x in case.point))
        if self.run(before).fault is not None:
            return None
        return Run(None, readings=(), fault=run.as_fault("backward"))

    def value(self, case: Case) -> float | Fault:
        value = self.isolated(lambda: self.engine.value(case), case.expression)
        return value.as_fault("forward") if isinstance(value, Ended) else value

    def isolated(self, work: Callable[[], T], expression: Expression) -> T | Ended:
        """What work with the engine gives, over an expression, or how it ended its process."""
        seconds = self.seconds + _SECONDS_PER_NODE * len(expression.nodes)
        return in_child(work, Limits(seconds, self.memory))


def unwrapped(engine: Engine) -> Engine:
    """The engine itself, which may be apart."""
    return engine.engine if isinstance(engine, IsolatedEngine) else engine
