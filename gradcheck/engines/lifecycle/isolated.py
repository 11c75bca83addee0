"""Graphs that live on in a child, as what is done with them may end its process."""

from __future__ import annotations

from dataclasses import dataclass

from gradcheck.engines.isolation.child_process import Ended
from gradcheck.engines.isolation.isolated_engine import ApartEngine
from gradcheck.engines.lifecycle.protocol import Build, Life, Lived, LiveEngine, Reset
from gradcheck.engines.lifecycle.runner import stage_of
from gradcheck.expression import Constant, Expression


@dataclass(frozen=True, slots=True)
class LiveApart:
    """Lives of an engine that is apart."""

    engine: ApartEngine
    alive: LiveEngine

    @property
    def resets(self) -> tuple[Reset, ...]:
        found = self.engine.apart(lambda: self.alive.resets, Expression((Constant(0.0),)))
        return () if isinstance(found, Ended) else found

    def live(self, life: Life) -> Lived:
        lived = self._lived(life)
        if not isinstance(lived, Ended):
            return lived
        before = self._before(life)
        stage = stage_of(life.steps[len(before.moments)])
        return Lived(before.moments, lived.as_fault(stage))

    def _before(self, life: Life) -> Lived:
        """The moments before the step that ends the process."""
        before = Lived(())
        for steps in range(1, len(life.steps)):
            lived = self._lived(Life(life.point, life.steps[:steps]))
            if isinstance(lived, Ended):
                break
            before = lived
        return before

    def _lived(self, life: Life) -> Lived | Ended:
        first = life.steps[0]
        assert isinstance(first, Build)
        return self.engine.apart(lambda: self.alive.live(life), first.expression)
