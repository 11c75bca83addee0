"""Graphs of a library's tensors that live on after a backward pass."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradcheck.engines.evaluation import limit_for
from gradcheck.engines.lifecycle.protocol import LifecycleRun
from gradcheck.engines.lifecycle.runner import go_through
from gradcheck.engines.tensors import TensorEngine
from gradcheck.expression import Case, Expression, Reset


@dataclass(frozen=True, slots=True)
class TensorLifecycle:
    """The lifecycle of the tensors of a library, which has no ``zero_grad`` of a tensor."""

    engine: TensorEngine
    resets: tuple[Reset, ...] = ()

    def live(self, case: Case) -> LifecycleRun:
        return go_through(case, self)

    @contextlib.contextmanager
    def limit(self, expression: Expression) -> Iterator[None]:
        with limit_for(expression, self.engine.seconds), self.engine.tensors.settings():
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
        """There is none."""

    def value(self, made: object) -> float:
        return self.engine.tensors.value(made)

    def gradient(self, made: object) -> float | None:
        return self.engine.tensors.adjoint(made)
