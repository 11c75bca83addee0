"""Adapters that run the steps of a case, one for each kind of engine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from gradcheck.engines.custom import CustomEngine
from gradcheck.engines.evaluation import limit_for
from gradcheck.engines.isolation.child_process import Ended
from gradcheck.engines.isolation.isolated_engine import IsolatedEngine, unwrapped
from gradcheck.engines.lifecycle.objects import ObjectLifecycle
from gradcheck.engines.lifecycle.runner import (
    LifecycleEngine,
    LifecycleRun,
    OneElementEngine,
    run_steps,
    stage_of,
)
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.protocol import Engine
from gradcheck.engines.tensors import TensorEngine
from gradcheck.expression import Case, Constant, Expression, Reset


@lru_cache(maxsize=16)
def lifecycle_of(engine: Engine) -> LifecycleEngine | None:
    """Return the adapter that runs the steps of a case; ``None`` if the engine keeps no graphs."""
    match engine:
        case ObjectEngine():
            return ObjectLifecycle(engine)
        case TensorEngine():
            return TensorLifecycle(engine)
        case CustomEngine():
            return lifecycle_of(engine.engine)
        case IsolatedEngine():
            inner = lifecycle_of(engine.engine)
            return None if inner is None else IsolatedLifecycle(engine, inner)
        case _:
            return engine if isinstance(engine, LifecycleEngine) else None


def zero_grad_class(engine: Engine) -> str | None:
    """Return the class whose ``zero_grad`` is called, as ``module:Class``.

    Return ``None`` if that is the class of the numbers themselves, or if no script can drive the
    engine.
    """
    engine = unwrapped(engine)
    if isinstance(engine, OneElementEngine):
        module = engine.zero_grad_module
    else:
        module = ObjectLifecycle(engine).module if type(engine) is ObjectEngine else None
    return None if module is None else f"{module.__module__}:{module.__name__}"


def is_summed(engine: Engine) -> bool | None:
    """Tell whether backward passes start at a sum of an array; ``None`` for engines of numbers."""
    engine = unwrapped(engine)
    return engine.is_summed if isinstance(engine, OneElementEngine) else None


@dataclass(frozen=True, slots=True)
class TensorLifecycle:
    """The lifecycle of the tensors of a library. They have no ``zero_grad`` of their own."""

    engine: TensorEngine
    resets: tuple[Reset, ...] = ()

    def run_steps(self, case: Case) -> LifecycleRun:
        return run_steps(case, self)

    @contextlib.contextmanager
    def limit(self, expression: Expression) -> Iterator[None]:
        with limit_for(len(expression.nodes), self.engine.seconds), self.engine.tensors.settings():
            yield

    def inputs(self, point: Sequence[float]) -> list[object]:
        return [self.engine.tensors.input(x) for x in point]

    def nodes(self, case: Case, inputs: Sequence[object]) -> list[object]:
        nodes: list[object] = []
        self.engine.forward(case, inputs, nodes)
        return nodes

    def backward(self, made: object) -> None:
        self.engine.tensors.backward(made)

    def zero_grad(self, on: Reset, inputs: Sequence[object], output: object) -> None:
        """Do nothing: ``resets`` is empty, so this is never called."""

    def value(self, made: object) -> float:
        return self.engine.tensors.value(made)

    def gradient(self, made: object) -> float | None:
        return self.engine.tensors.adjoint(made)


@dataclass(frozen=True)  # no slots: cached_property keeps its result in __dict__
class IsolatedLifecycle:
    """The lifecycle of an isolated engine: all steps of a case are run in one child process."""

    engine: IsolatedEngine
    inner: LifecycleEngine

    @cached_property
    def resets(self) -> tuple[Reset, ...]:
        found = self.engine.isolated(lambda: self.inner.resets, Expression((Constant(0.0),)))
        return () if isinstance(found, Ended) else found

    def run_steps(self, case: Case) -> LifecycleRun:
        run = self._run_in_child(case)
        if not isinstance(run, Ended):
            return run
        before = self._before_the_end(case)
        done = len(before.snapshots)
        stage = stage_of(case.steps[done - 1]) if done else stage_of(None)
        return LifecycleRun(before.snapshots, run.as_fault(stage))

    def _before_the_end(self, case: Case) -> LifecycleRun:
        """Return the run up to the step that ends the process."""
        before = LifecycleRun(())
        for count in range(len(case.steps)):
            run = self._run_in_child(replace(case, steps=case.steps[:count]))
            if isinstance(run, Ended):
                break
            before = run
        return before

    def _run_in_child(self, case: Case) -> LifecycleRun | Ended:
        return self.engine.isolated(lambda: self.inner.run_steps(case), case.expression)
