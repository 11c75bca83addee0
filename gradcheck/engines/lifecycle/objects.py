"""Run the steps of a case on objects, and find the engine's ``zero_grad``."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property

from gradcheck.engines.experiment import class_of
from gradcheck.engines.lifecycle.runner import LifecycleRun, run_steps
from gradcheck.engines.objects import ObjectEngine
from gradcheck.expression import Case, Expression, Reset

METHOD = "zero_grad"


@dataclass(frozen=True, eq=False)  # no slots: cached_property keeps its result in __dict__
class ZeroGrad:
    """The ``zero_grad`` of objects that ``make`` makes, or of a class of modules."""

    make: Callable[..., object]

    @cached_property
    def resets(self) -> tuple[Reset, ...]:
        """The objects that it can be called on; empty if there is none."""
        if _has_zero_grad(class_of(self.make)):
            return (Reset.OUTPUT, Reset.INPUTS)
        return () if self.module is None else (Reset.INPUTS,)

    @cached_property
    def module(self) -> type | None:
        """The class that has ``zero_grad``, if the objects themselves do not have it.

        Like the modules of a neural network, it gets the inputs from its method ``parameters``.
        """
        class_ = class_of(self.make)
        return None if _has_zero_grad(class_) else _module_class(class_)

    def call(self, on: Reset, inputs: Sequence[object], output: object) -> None:
        """Call it on the inputs, the output, or a module that has the inputs."""
        if self.module is not None:
            owners: Sequence[object] = [_module_with(self.module, lambda _module: list(inputs))]
        else:
            owners = inputs if on is Reset.INPUTS else [output]
        for owner in owners:
            getattr(owner, METHOD)()


@dataclass(frozen=True, eq=False)  # no slots: cached_property keeps its result in __dict__
class ObjectLifecycle:
    """The lifecycle of the objects of an engine."""

    engine: ObjectEngine

    @cached_property
    def _zero_grad(self) -> ZeroGrad:
        return ZeroGrad(self.engine.make)

    @property
    def resets(self) -> tuple[Reset, ...]:
        return self._zero_grad.resets

    @property
    def module(self) -> type | None:
        """The class that has ``zero_grad``, if the objects themselves do not have it."""
        return self._zero_grad.module

    def run_steps(self, case: Case) -> LifecycleRun:
        return run_steps(case, self)

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
        self._zero_grad.call(on, inputs, output)

    def value(self, made: object) -> float:
        return self.engine.value_of(made, "a node")

    def gradient(self, made: object) -> float | None:
        return self.engine.gradient_of(made, "an input")


def _has_zero_grad(class_: type) -> bool:
    return callable(getattr(class_, METHOD, None))


def _module_class(class_: type) -> type | None:
    """Return the class ``Module`` of an engine: from the engine's module, or ``nn`` beside it.

    Return ``None`` if there is none that can be made without arguments and has a ``zero_grad`` of
    its ``parameters()``. One may look for its parameters elsewhere, which inputs cannot be.
    """
    home = class_.__module__
    found = getattr(sys.modules.get(home), "Module", None)
    if found is None:
        found = _module_of_package(home.rpartition(".")[0])
    if not (isinstance(found, type) and _has_zero_grad(found)):
        return None
    asked: list[object] = []

    def parameters(module: object) -> list[object]:
        asked.append(module)
        return []

    with contextlib.suppress(Exception):  # a class that needs arguments cannot be used
        getattr(_module_with(found, parameters), METHOD)()
    return found if asked else None


def _module_of_package(package: str) -> object:
    if not package:
        return None
    try:
        return getattr(importlib.import_module(f"{package}.nn"), "Module", None)
    except (Exception, SystemExit):  # noqa: BLE001 - the user's file may do anything
        return None


def _module_with(module: type, parameters: Callable[[object], list[object]]) -> object:
    """Return an object of a subclass with a method ``parameters``."""
    made: object = type("Inputs", (module,), {"parameters": parameters})()
    return made
