"""The steps of a case, done with whatever the objects of an engine are."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from gradcheck.engines.faults import fault_of
from gradcheck.engines.lifecycle.protocol import LifecycleRun, Snapshot
from gradcheck.expression import (
    Backward,
    Build,
    Case,
    Constant,
    Expression,
    Repeat,
    Reset,
    Step,
    ZeroGrad,
)


class Objects(Protocol):
    """What can be done with an engine's objects. Its errors are the engine's."""

    def limit(self, expression: Expression) -> AbstractContextManager[object]:
        """The block within which a step is done, and which ends one that takes too long."""

    def inputs(self, point: Sequence[float]) -> list[object]:
        """New objects that get gradients."""

    def nodes(self, case: Case, inputs: Sequence[object]) -> list[object]:
        """An object, or a constant's number, for each node of a case."""

    def backward(self, made: object) -> None:
        """Send gradients back."""

    def zero_grad(self, on: Reset, inputs: Sequence[object], output: object) -> None:
        """Call ``zero_grad``."""

    def value(self, made: object) -> float:
        """The value of an object."""

    def gradient(self, made: object) -> float | None:
        """The gradient of an object, if it has one."""


def go_through(case: Case, objects: Objects) -> LifecycleRun:
    """Evaluate a case and do its steps; never raises for what the engine does."""
    lived = _Graph(case, objects).live()
    # Once more, as a garbage collection may have fallen into the first time.
    hangs = lived.fault is not None and lived.fault.is_hang
    return _Graph(case, objects).live() if hangs else lived


class _Graph:
    """The objects of one case."""

    def __init__(self, case: Case, objects: Objects) -> None:
        self._case, self._objects = case, objects
        self._inputs: list[object] = []
        self._nodes: list[object] = []
        self._expression = case.expression

    def live(self) -> LifecycleRun:
        snapshots: list[Snapshot] = []
        stage = stage_of(None)
        try:
            with self._objects.limit(self._expression):
                self._inputs = self._objects.inputs(self._case.point)
                snapshots.append(self._built(self._case.expression))
            for step in self._case.steps:
                stage = stage_of(step)
                snapshots.append(self._done(step))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever an engine raises is data
            return LifecycleRun(tuple(snapshots), fault_of(error, stage=stage, position=None))
        return LifecycleRun(tuple(snapshots))

    def _done(self, step: Step) -> Snapshot:
        if isinstance(step, Build):
            with self._objects.limit(step.expression):
                return self._built(step.expression)
        with self._objects.limit(self._expression):
            match step:
                case Backward(position):
                    self._objects.backward(self._nodes[position])
                case ZeroGrad(on):
                    output = self._nodes[self._expression.output]
                    self._objects.zero_grad(on, self._inputs, output)
                case Repeat():
                    pass  # see LifecycleEngine.live
            return Snapshot(self._values(), tuple(map(self._objects.gradient, self._inputs)))

    def _built(self, expression: Expression) -> Snapshot:
        case = Case(expression, self._case.point)
        self._nodes = self._objects.nodes(case, self._inputs)
        self._expression = expression
        return Snapshot(self._values())

    def _values(self) -> tuple[float, ...]:
        return tuple(
            node.value if isinstance(node, Constant) else self._objects.value(made)
            for node, made in zip(self._expression.nodes, self._nodes, strict=True)
        )


def stage_of(step: Step | None) -> str:
    """The name of a step in a fault, or of the first evaluation, which is none of the steps."""
    match step:
        case Backward():
            return "backward"
        case ZeroGrad():
            return "zero_grad"
        case _:
            return "forward"
