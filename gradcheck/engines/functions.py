"""Engines that differentiate a Python function, as ``jax.grad`` does, and hide their nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Protocol, Self

from gradcheck.engines.evaluation import SECONDS, Functions, attempt, evaluate, operations_of
from gradcheck.engines.faults import Fault
from gradcheck.engines.protocol import Reading, Run
from gradcheck.expression import Case, Input
from gradcheck.operations import Operation
from gradcheck.precision import FLOAT64, Precision

Function = Callable[..., object]
"""A function of the inputs, given as numbers of the library, that returns one such number."""


class Transform(Protocol):
    """The abilities of a library with functions. Errors that it raises are faults of the engine."""

    def settings(self) -> AbstractContextManager[object]:
        """Return the context in which the library is used, by default an empty one."""
        return nullcontext()

    def number(self, x: float) -> object:
        """Return a number of the library that does not depend on the inputs, by default ``x``."""
        return x

    def value(self, function: Function, point: Sequence[float]) -> float:
        """Return the function's value at a point."""

    def value_and_gradient(
        self, function: Function, point: Sequence[float]
    ) -> tuple[float, Sequence[float | None]]:
        """Return the function's value at a point and its derivative with respect to each input.

        There is at least one input. The function is called once.
        """


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FunctionEngine:
    """Drive a library that differentiates functions, with its own function for each operation.

    More than ``seconds`` for a case, plus a hundredth of one for each node, is a hang.
    """

    spec: str
    transform: Transform
    functions: Functions
    precision: Precision = FLOAT64
    seconds: float = SECONDS

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.spec}>"

    @property
    def operations(self) -> frozenset[Operation]:
        return operations_of(self.functions)

    def with_operation(self, name: str, function: Function) -> Self:
        """Return the engine with another function for one operation, such as the user's own."""
        return replace(self, functions={**self.functions, name: function})

    def run(self, case: Case) -> Run:
        def compute(nodes: list[object]) -> Run:
            function = self._function(case, nodes)
            if not case.point:
                return Run(float(self.transform.value(function, ())), _readings(case, ()))
            value, gradient = self.transform.value_and_gradient(function, case.point)
            return Run(float(value), _readings(case, gradient))

        run = attempt(case, self.transform.settings, compute, seconds=self.seconds)
        if not isinstance(run, Fault):
            return run
        value = self.value(case) if run.stage == "backward" else None
        return Run(value if isinstance(value, float) else None, readings=(), fault=run)

    def run_on_used_inputs(self, case: Case) -> Run | None:
        return None

    def value(self, case: Case) -> float | Fault:
        def compute(nodes: list[object]) -> float:
            return float(self.transform.value(self._function(case, nodes), case.point))

        return attempt(case, self.transform.settings, compute, seconds=self.seconds)

    def _function(self, case: Case, nodes: list[object]) -> Function:
        def function(*inputs: object) -> object:
            nodes.clear()
            return evaluate(case.expression, inputs, self.functions, self.transform.number, nodes)

        return function


def _readings(case: Case, gradient: Sequence[float | None]) -> tuple[Reading, ...]:
    """Return the gradient as readings. An input is a plain float, which no library can change."""
    # float() refuses what is no real number: (-1.0)**0.5 is complex in Python.
    numbers = (None if adjoint is None else float(adjoint) for adjoint in gradient)
    inputs = (Reading(x, adjoint) for x, adjoint in zip(case.point, numbers, strict=True))
    others = (node for node in case.expression.nodes if not isinstance(node, Input))
    return (*inputs, *(Reading(None, None) for _ in others))
