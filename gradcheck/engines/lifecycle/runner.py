"""A life gone through, with whatever the objects of an engine are."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from gradcheck.engines.faults import fault_of
from gradcheck.engines.lifecycle.protocol import (
    Backward,
    Build,
    Lifecycle,
    LifecycleRun,
    Reset,
    Snapshot,
    Step,
)
from gradcheck.expression import Case, Constant, Expression


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


def go_through(life: Lifecycle, objects: Objects) -> LifecycleRun:
    """All that a life consists of; never raises for what the engine does."""
    lived = _Graph(life, objects).live()
    # Once more, as a garbage collection may have fallen into the first time.
    hangs = lived.fault is not None and lived.fault.is_hang
    return _Graph(life, objects).live() if hangs else lived


class _Graph:
    """The objects of one life."""

    def __init__(self, life: Lifecycle, objects: Objects) -> None:
        self._life, self._objects = life, objects
        self._inputs: list[object] = []
        self._nodes: list[object] = []
        self._expression = Expression((Constant(0.0),))

    def live(self) -> LifecycleRun:
        moments: list[Snapshot] = []
        stage = ""
        try:
            for step in self._life.steps:
                stage = stage_of(step)
                moments.append(self._lived(step, is_first=not moments))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever an engine raises is data
            return LifecycleRun(tuple(moments), fault_of(error, stage=stage, position=None))
        return LifecycleRun(tuple(moments))

    def _lived(self, step: Step, *, is_first: bool) -> Snapshot:
        objects, point = self._objects, self._life.point
        if isinstance(step, Build):
            self._expression = step.expression
        with objects.limit(self._expression):
            if is_first:
                self._inputs = objects.inputs(point)
            match step:
                case Build(expression):
                    self._nodes = objects.nodes(Case(expression, point), self._inputs)
                    return Snapshot(self._values())
                case Backward(position):
                    objects.backward(self._nodes[position])
                case _:
                    output = self._nodes[self._expression.output]
                    objects.zero_grad(step.on, self._inputs, output)
            return Snapshot(self._values(), tuple(map(objects.gradient, self._inputs)))

    def _values(self) -> tuple[float, ...]:
        return tuple(
            node.value if isinstance(node, Constant) else self._objects.value(made)
            for node, made in zip(self._expression.nodes, self._nodes, strict=True)
        )


def stage_of(step: Step) -> str:
    """What a step is called where an engine fails at it."""
    match step:
        case Build():
            return "forward"
        case Backward():
            return "backward"
        case _:
            return "zero_grad"
