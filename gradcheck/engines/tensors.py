"""Engines of libraries whose tensors each keep a gradient, as PyTorch's do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Protocol, Self

from gradcheck.engines.evaluation import SECONDS, Functions, attempt, evaluate, operations_of
from gradcheck.engines.faults import Fault
from gradcheck.engines.protocol import Reading, Run
from gradcheck.expression import Case, Constant
from gradcheck.operations import Operation
from gradcheck.precision import FLOAT64, Precision


class Tensors(Protocol):
    """The abilities of a library with tensors of one number. Errors that it raises are faults."""

    def settings(self) -> AbstractContextManager[object]:
        """Return the context in which the library is used, by default an empty one."""
        return nullcontext()

    def number(self, x: float) -> object:
        """Return a tensor that gets no gradient."""

    def input(self, x: float) -> object:
        """Return a tensor that gets a gradient."""

    def renew(self, made: object, x: float) -> None:
        """Set an input to another number and clear its gradient, as between two training steps."""

    def watch(self, made: object) -> None:
        """Make the result of an operation keep its gradient, by default in no way."""

    def backward(self, output: object) -> None:
        """Run the backward pass, if the output depends on an input at all."""

    def value(self, made: object) -> float:
        """Return the number that a tensor holds."""

    def adjoint(self, made: object) -> float | None:
        """Return the gradient that a tensor has kept, if any."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TensorEngine:
    """Drive a library of tensors, with its own function for each operation.

    More than ``seconds`` for a case, plus a hundredth of one for each node, is a hang.
    """

    spec: str
    tensors: Tensors
    functions: Functions
    precision: Precision = FLOAT64
    seconds: float = SECONDS

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.spec}>"

    @property
    def operations(self) -> frozenset[Operation]:
        return operations_of(self.functions)

    def with_operation(self, name: str, function: Callable[..., object]) -> Self:
        """Return the engine with another function for one operation, such as the user's own."""
        return replace(self, functions={**self.functions, name: function})

    def run(self, case: Case) -> Run:
        return self._run(case, lambda: [self.tensors.input(x) for x in case.point])

    def run_on_used_inputs(self, case: Case) -> Run | None:
        inputs: list[object] = []

        def halves() -> list[object]:
            inputs[:] = [self.tensors.input(x / 2.0) for x in case.point]
            return inputs

        def renewed() -> list[object]:
            for made, x in zip(inputs, case.point, strict=True):
                self.tensors.renew(made, x)
            return inputs

        if self._run(case, halves).fault is not None:
            return None
        return self._run(case, renewed)

    def value(self, case: Case) -> float | Fault:
        def compute(nodes: list[object]) -> float:
            inputs = [self.tensors.input(x) for x in case.point]
            return self.tensors.value(self.forward(case, inputs, nodes))

        return attempt(case, self.tensors.settings, compute, seconds=self.seconds)

    def _run(self, case: Case, make_inputs: Callable[[], Sequence[object]]) -> Run:
        value: float | None = None

        def compute(nodes: list[object]) -> Run:
            nonlocal value
            output = self.forward(case, make_inputs(), nodes)
            value = self.tensors.value(output)
            self.tensors.backward(output)
            return Run(value, self._readings(case, nodes))

        run = attempt(case, self.tensors.settings, compute, seconds=self.seconds)
        return Run(value, readings=(), fault=run) if isinstance(run, Fault) else run

    def forward(self, case: Case, inputs: Sequence[object], nodes: list[object]) -> object:
        """Return the output, and append the tensor or constant of each node to ``nodes``."""
        functions = {name: self._watched(function) for name, function in self.functions.items()}
        return evaluate(case.expression, inputs, functions, self.tensors.number, nodes)

    def _watched(self, function: Callable[..., object]) -> Callable[..., object]:
        def watched(*operands: object) -> object:
            made = function(*operands)
            self.tensors.watch(made)
            return made

        return watched

    def _readings(self, case: Case, nodes: Sequence[object]) -> tuple[Reading, ...]:
        return tuple(
            Reading(float(node.value), None)
            if isinstance(node, Constant)
            else Reading(self.tensors.value(made), self.tensors.adjoint(made))
            for node, made in zip(case.expression.nodes, nodes, strict=True)
        )
