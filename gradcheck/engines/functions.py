"""Engines that differentiate a function of Python, as ``jax.grad`` does, and show no nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol, Self

from gradcheck.engines.evaluation import SECONDS, Functions, attempt, evaluate, operations_of
from gradcheck.engines.protocol import Fault, Reading, Run
from gradcheck.expression import Case, Input
from gradcheck.operations import Operation
from gradcheck.precision import Precision

Function = Callable[..., object]
"""A function of the inputs, as numbers of the library's, that returns one such number."""


class Transform(Protocol):
    """What a library does to functions. Its errors are the engine's."""

    def settings(self) -> AbstractContextManager[object]:
        """The block within which everything is done."""

    def number(self, x: float) -> object:
        """A number of the library's that does not depend on the inputs."""

    def value(self, function: Function, point: Sequence[float]) -> float:
        """The function at a point."""

    def value_and_gradient(
        self, function: Function, point: Sequence[float]
    ) -> tuple[float, Sequence[float | None]]:
        """The function at a point, and its derivative by each input, of which there is one or more.

        The function is called once, while the gradient is computed.
        """


@dataclass(frozen=True, slots=True, eq=False)
class FunctionEngine:
    """Drives a library that differentiates functions, with its own function for each operation.

    What takes longer than ``seconds``, and a hundredth of one for each node, is a hang.
    """

    spec: str
    transform: Transform
    functions: Functions
    precision: Precision
    seconds: float = SECONDS

    @property
    def operations(self) -> frozenset[Operation]:
        return operations_of(self.functions)

    def with_operation(self, name: str, function: Function) -> Self:
        """The same with another function for an operation, one of the user's own."""
        return replace(self, functions={**self.functions, name: function})

    def run(self, case: Case) -> Run:
        def compute(nodes: list[object]) -> Run:
            function = self._function(case, nodes)
            if not case.point:
                return Run(self.transform.value(function, ()), _readings(case, ()))
            value, gradient = self.transform.value_and_gradient(function, case.point)
            return Run(value, _readings(case, gradient))

        run = attempt(case, self.transform.settings, compute, seconds=self.seconds)
        if not isinstance(run, Fault):
            return run
        value = self.value(case) if run.stage == "backward" else None
        return Run(value if isinstance(value, float) else None, readings=(), fault=run)

    def run_again(self, case: Case) -> Run | None:
        return None

    def value(self, case: Case) -> float | Fault:
        def compute(nodes: list[object]) -> float:
            return self.transform.value(self._function(case, nodes), case.point)

        return attempt(case, self.transform.settings, compute, seconds=self.seconds)

    def _function(self, case: Case, nodes: list[object]) -> Function:
        def function(*inputs: object) -> object:
            nodes.clear()
            return evaluate(case.expression, inputs, self.functions, self.transform.number, nodes)

        return function


def _readings(case: Case, gradient: Sequence[float | None]) -> tuple[Reading, ...]:
    """The gradient as readings; an input is a plain number, which no library can change."""
    inputs = (Reading(x, adjoint) for x, adjoint in zip(case.point, gradient, strict=True))
    others = (node for node in case.expression.nodes if not isinstance(node, Input))
    return (*inputs, *(Reading(None, None) for _ in others))
