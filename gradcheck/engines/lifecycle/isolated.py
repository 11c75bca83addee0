"""Graphs that live on in a child, as what is done with them may end its process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from gradcheck.engines.isolation.child_process import Ended
from gradcheck.engines.isolation.isolated_engine import IsolatedEngine
from gradcheck.engines.lifecycle.protocol import LifecycleEngine, LifecycleRun
from gradcheck.engines.lifecycle.runner import stage_of
from gradcheck.expression import Case, Constant, Expression, Reset


@dataclass(frozen=True)  # no slots: cached_property keeps its result in __dict__
class IsolatedLifecycle:
    """The lifecycle of an isolated engine."""

    engine: IsolatedEngine
    alive: LifecycleEngine

    @cached_property
    def resets(self) -> tuple[Reset, ...]:
        found = self.engine.isolated(lambda: self.alive.resets, Expression((Constant(0.0),)))
        return () if isinstance(found, Ended) else found

    def live(self, case: Case) -> LifecycleRun:
        lived = self._lived(case)
        if not isinstance(lived, Ended):
            return lived
        before = self._before(case)
        done = len(before.snapshots)
        stage = stage_of(case.steps[done - 1]) if done else stage_of(None)
        return LifecycleRun(before.snapshots, lived.as_fault(stage))

    def _before(self, case: Case) -> LifecycleRun:
        """The run up to the step that ends the process."""
        before = LifecycleRun(())
        for count in range(len(case.steps)):
            lived = self._lived(replace(case, steps=case.steps[:count]))
            if isinstance(lived, Ended):
                break
            before = lived
        return before

    def _lived(self, case: Case) -> LifecycleRun | Ended:
        return self.engine.isolated(lambda: self.alive.live(case), case.expression)
