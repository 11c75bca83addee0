"""Graphs of objects that live on after a backward pass."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property

from gradcheck.engines.experiment import class_of
from gradcheck.engines.lifecycle.protocol import LifecycleRun
from gradcheck.engines.lifecycle.runner import go_through
from gradcheck.engines.lifecycle.zero_grad import (
    call_on_each,
    call_on_module,
    has_zero_grad,
    module_class,
)
from gradcheck.engines.objects import ObjectEngine
from gradcheck.expression import Case, Expression, Reset


@dataclass(frozen=True, eq=False)  # no slots: cached_property keeps its result in __dict__
class ObjectLifecycle:
    """The lifecycle of the objects that an engine is driven by."""

    engine: ObjectEngine

    @cached_property
    def resets(self) -> tuple[Reset, ...]:
        if has_zero_grad(class_of(self.engine.make)):
            return (Reset.OUTPUT, Reset.INPUTS)
        return () if self.module is None else (Reset.INPUTS,)

    @cached_property
    def module(self) -> type | None:
        """The class that ``zero_grad`` is a method of, where that is none of the inputs' own.

        It asks for the inputs by its method ``parameters``, as a neural network's.
        """
        made_by = class_of(self.engine.make)
        return None if has_zero_grad(made_by) else module_class(made_by)

    def live(self, case: Case) -> LifecycleRun:
        return go_through(case, self)

    def limit(self, expression: Expression) -> AbstractContextManager[None]:
        return self.engine.time_limit(expression)

    def inputs(self, point: Sequence[float]) -> list[object]:
        return [self.engine.new(x) for x in point]

    def nodes(self, case: Case, inputs: Sequence[object]) -> list[object]:
        nodes: list[object] = []
        self.engine.forward(case, inputs, nodes)
        return nodes

    def backward(self, made: object) -> None:
        self.engine.run_backward(made)

    def zero_grad(self, on: Reset, inputs: Sequence[object], output: object) -> None:
        if self.module is not None:
            call_on_module(self.module, inputs)
        else:
            call_on_each(inputs if on is Reset.INPUTS else [output])

    def value(self, made: object) -> float:
        return self.engine.value_of(made, "a node")

    def gradient(self, made: object) -> float | None:
        return self.engine.gradient_of(made, "an input")
