"""Run the steps of a case: more than one backward pass, on a graph and inputs that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from gradcheck.engines.faults import Fault, fault_of
from gradcheck.engines.second_try import with_second_try
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

if TYPE_CHECKING:
    from gradcheck.engines.lifecycle.steps_code import StepsCode


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The numbers after a step: the value of every node, and the gradient of every input.

    A gradient is ``None`` for an input that has none. ``gradients`` is empty after a graph was
    built, because an engine need not show gradients before a backward pass.
    """

    values: tuple[float, ...]
    gradients: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class LifecycleRun:
    """A snapshot of the graph once it is built and one after every step, up to the first fault."""

    snapshots: tuple[Snapshot, ...]
    fault: Fault | None = None


@runtime_checkable
class LifecycleEngine(Protocol):
    """An engine whose graphs stay after a backward pass."""

    @property
    def resets(self) -> tuple[Reset, ...]:
        """The objects that the engine's ``zero_grad`` can be called on; empty if it has none."""

    def run_steps(self, case: Case) -> LifecycleRun:
        """Evaluate a case on new inputs and do its steps. Never raises for what the engine does.

        Do nothing for a ``Repeat``: the caller then runs the whole case again.
        """


@runtime_checkable
class OneElementEngine(Protocol):
    """An engine of arrays that computes on arrays of one element."""

    @property
    def is_summed(self) -> bool:
        """Whether a backward pass starts at the sum of a result."""

    @property
    def zero_grad_module(self) -> type | None:
        """The class of modules that has ``zero_grad``, if the arrays themselves do not have it."""

    def steps_code(
        self, case: Case, *, zero_grad_of: str | None, changed: int | None
    ) -> StepsCode | None:
        """Return a case with steps in Python, ``None`` if it cannot be written down."""


class Objects(Protocol):
    """Access to the objects of an engine. Errors that it raises are faults of the engine."""

    def limit(self, expression: Expression) -> AbstractContextManager[object]:
        """Return the context of one step, which raises ``HangError`` if it takes too long."""

    def inputs(self, point: Sequence[float]) -> list[object]:
        """Return new objects that get gradients."""

    def nodes(self, case: Case, inputs: Sequence[object]) -> list[object]:
        """Return an object, or a constant's number, for each node of a case."""

    def backward(self, made: object) -> None:
        """Run the backward pass from an object."""

    def zero_grad(self, on: Reset, inputs: Sequence[object], output: object) -> None:
        """Call ``zero_grad``."""

    def value(self, made: object) -> float:
        """Return the value of an object."""

    def gradient(self, made: object) -> float | None:
        """Return the gradient of an object, if it has one."""


def run_steps(case: Case, objects: Objects) -> LifecycleRun:
    """Evaluate a case and do its steps. Never raises for what the engine does."""
    return with_second_try(lambda: _Graph(case, objects).run_steps())


class _Graph:
    """The objects of one case."""

    def __init__(self, case: Case, objects: Objects) -> None:
        self._case, self._objects = case, objects
        self._inputs: list[object] = []
        self._nodes: list[object] = []
        self._expression = case.expression

    def run_steps(self) -> LifecycleRun:
        snapshots: list[Snapshot] = []
        stage = stage_of(None)
        try:
            with self._objects.limit(self._expression):
                self._inputs = self._objects.inputs(self._case.point)
                snapshots.append(self._build(self._case.expression))
            for step in self._case.steps:
                stage = stage_of(step)
                snapshots.append(self._do(step))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever an engine raises is data
            return LifecycleRun(tuple(snapshots), fault_of(error, stage=stage, position=None))
        return LifecycleRun(tuple(snapshots))

    def _do(self, step: Step) -> Snapshot:
        if isinstance(step, Build):
            with self._objects.limit(step.expression):
                return self._build(step.expression)
        with self._objects.limit(self._expression):
            match step:
                case Backward(position):
                    self._objects.backward(self._nodes[position])
                case ZeroGrad(on):
                    output = self._nodes[self._expression.output]
                    self._objects.zero_grad(on, self._inputs, output)
                case Repeat():
                    pass  # see LifecycleEngine.run_steps
            return Snapshot(self._values(), tuple(map(self._objects.gradient, self._inputs)))

    def _build(self, expression: Expression) -> Snapshot:
        case = Case(expression, self._case.point)
        self._nodes = self._objects.nodes(case, self._inputs)
        self._expression = expression
        return Snapshot(self._values())

    def _values(self) -> tuple[float, ...]:
        return tuple(
            float(node.value) if isinstance(node, Constant) else self._objects.value(made)
            for node, made in zip(self._expression.nodes, self._nodes, strict=True)
        )


def stage_of(step: Step | None) -> str:
    """Return the name of a step in a fault; ``None`` is the first evaluation, before all steps."""
    match step:
        case Backward():
            return "backward"
        case ZeroGrad():
            return "zero_grad"
        case _:
            return "forward"
