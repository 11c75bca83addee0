"""Graphs that live on in a child, as what is done with them may end its process."""

from __future__ import annotations

from dataclasses import dataclass

from gradcheck.engines.isolation.child_process import Ended
from gradcheck.engines.isolation.isolated_engine import IsolatedEngine
from gradcheck.engines.lifecycle.protocol import (
    Build,
    Lifecycle,
    LifecycleEngine,
    LifecycleRun,
    Reset,
)
from gradcheck.engines.lifecycle.runner import stage_of
from gradcheck.expression import Constant, Expression


@dataclass(frozen=True, slots=True)
class IsolatedLifecycle:
    """Lives of an engine that is apart."""

    engine: IsolatedEngine
    alive: LifecycleEngine

    @property
    def resets(self) -> tuple[Reset, ...]:
        found = self.engine.isolated(lambda: self.alive.resets, Expression((Constant(0.0),)))
        return () if isinstance(found, Ended) else found

    def live(self, life: Lifecycle) -> LifecycleRun:
        lived = self._lived(life)
        if not isinstance(lived, Ended):
            return lived
        before = self._before(life)
        stage = stage_of(life.steps[len(before.moments)])
        return LifecycleRun(before.moments, lived.as_fault(stage))

    def _before(self, life: Lifecycle) -> LifecycleRun:
        """The moments before the step that ends the process."""
        before = LifecycleRun(())
        for steps in range(1, len(life.steps)):
            lived = self._lived(Lifecycle(life.point, life.steps[:steps]))
            if isinstance(lived, Ended):
                break
            before = lived
        return before

    def _lived(self, life: Lifecycle) -> LifecycleRun | Ended:
        first = life.steps[0]
        assert isinstance(first, Build)
        return self.engine.isolated(lambda: self.alive.live(life), first.expression)
