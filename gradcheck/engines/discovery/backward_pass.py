"""Detect how the backward pass is run, and where the gradients arrive."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from gradcheck.engines.discovery.attributes import attributes, number_at
from gradcheck.engines.experiment import outcome
from gradcheck.engines.interface import Interface, takes
from gradcheck.engines.options import EngineOptionError, Overrides
from gradcheck.operations import OPERATIONS, Operation

GRADIENTS = ("grad", "gradient", "g", "adjoint", "derivative")
"""Names that authors give the attribute for the gradient, the usual one first."""

_BACKWARDS = (
    "backward",
    "backprop",
    "backward_all",
    "back_propagate",
    "backpropagate",
    "back_prop",
    "backwards",
)
"""Names that authors give the backward pass, the usual one first."""

_A, _B = 2.25, 1.25

_RIGHT = {"*": [_B * _B, 2 * _A * _B], "+": [1.0, 2.0]}
"""The gradients of ``(a*b)*b`` and ``(a + b) + b``."""

_MAX_OPERATIONS = 3
"""Operations to try, the next one only if nothing works with those before."""


class _Evidence(IntEnum):
    """The content of the inputs' attribute after a backward pass."""

    NOTHING = 0
    A_NUMBER = 1
    NUMBERS = 2
    RIGHT_NUMBERS = 3


def with_backward_pass(
    interface: Interface, make: Callable[..., object], class_: type, overrides: Overrides
) -> Interface:
    """Return the interface with the first backward pass that brings numbers to all inputs.

    If none does, take the one that comes closest. Raises ``EngineOptionError`` for a method or an
    attribute that the user named and that does not exist.
    """
    if overrides.backward is not None and not callable(getattr(class_, overrides.backward, None)):
        message = f"backward={overrides.backward}: {class_.__name__} has no such method"
        raise EngineOptionError(message)
    if overrides.gradient is not None and overrides.gradient == interface.value:
        message = f"gradient={overrides.gradient}: that is the value"
        raise EngineOptionError(message)
    candidates = list(_candidates(interface, make, class_, overrides))
    best, most = candidates[0], -1
    for operation in _operations(interface)[:_MAX_OPERATIONS]:
        for candidate in candidates:
            found = outcome(_Trial(candidate, make, operation).run)
            if found is None or found[0] <= most:
                continue
            most, best = found
            is_usual = candidate.gradient in GRADIENTS
            if most == _Evidence.RIGHT_NUMBERS or (is_usual and most == _Evidence.NUMBERS):
                return best
    name = overrides.gradient
    if name and most <= _Evidence.NOTHING and not outcome(lambda: hasattr(make(_A), name)):
        message = f"gradient={name}: {class_.__name__} has no such attribute"
        raise EngineOptionError(message)
    return best


def backward_methods(class_: type, *, with_seed: bool = False) -> Iterator[str]:
    """Return the methods that may be the backward pass, the usual names first.

    With ``with_seed`` also those that have to be given the gradient of the output.
    """
    others = [name for name in dir(class_) if "back" in name.lower()]
    others.sort(key=lambda name: name.startswith("_"))
    for name in dict.fromkeys((*_BACKWARDS, *others)):
        method = getattr(class_, name, None)
        if callable(method) and (takes(method, 1) or (with_seed and takes(method, 2))):
            yield name


def _operations(interface: Interface) -> list[Operation]:
    """Return the engine's operations, those with known gradients first."""
    names = (*(name for name in _RIGHT if name in interface.bindings), *interface.bindings)
    return [OPERATIONS[name] for name in dict.fromkeys(names)]


def _candidates(
    interface: Interface, make: Callable[..., object], class_: type, overrides: Overrides
) -> Iterator[Interface]:
    """Return every way to run the backward pass, the usual one first.

    A way that asks the caller to set something comes after those that do not.
    """
    if overrides.gradient is None:
        found = outcome(lambda: _gradient_names(make(_A), interface.value))
        gradients = found or [interface.gradient]
    else:
        gradients = [overrides.gradient]
    methods = [*backward_methods(class_)] if overrides.backward is None else [overrides.backward]
    seeds = (False, True) if overrides.seed_output is None else (overrides.seed_output,)
    requires = (False, True) if _takes_requires_grad(make) else (False,)
    for requires_grad, seed_output, backward, gradient in itertools.product(
        requires, seeds, methods or [interface.backward], gradients
    ):
        yield replace(
            interface,
            gradient=gradient,
            backward=backward,
            seed_output=seed_output,
            requires_grad=requires_grad,
        )


def _takes_requires_grad(make: Callable[..., object]) -> bool:
    try:
        return "requires_grad" in inspect.signature(make).parameters
    except (TypeError, ValueError):  # a function written in C may have no signature
        return False


def _gradient_names(made: object, value: str) -> list[str]:
    """Return the attributes that may be the gradient: those with a usual name, or else any."""
    names = [name for name in attributes(made, usual=GRADIENTS) if name != value]
    usual = [name for name in names if name in GRADIENTS]
    # The backward pass may be what creates the attribute.
    return usual or [*GRADIENTS, *names]


@dataclass(frozen=True, slots=True)
class _Trial:
    """One way to run the backward pass, tried with one operation."""

    interface: Interface
    make: Callable[..., object]
    operation: Operation

    def run(self) -> tuple[_Evidence, Interface]:
        """Return what arrives at the inputs; raises what the engine raises."""
        options = {"requires_grad": True} if self.interface.requires_grad else {}
        numbers = itertools.islice(itertools.cycle((_A, _B)), self.operation.variables)
        inputs = [self.make(x, **options) for x in numbers]
        before = self._gradients(inputs)
        # Two operations in a row, because some methods reach back over one only.
        output = self._applied(self._applied(inputs[0], *inputs[1:]), *inputs[1:])
        if self.interface.seed_output:
            setattr(output, self.interface.gradient, 1.0)
        getattr(output, self.interface.backward)()
        after = self._gradients(inputs)
        gradient = getattr(inputs[0], self.interface.gradient, None)
        is_object = isinstance(gradient, type(inputs[0]))
        interface = replace(self.interface, gradient_is_object=is_object)
        if after == _RIGHT.get(self.operation.name):
            return _Evidence.RIGHT_NUMBERS, interface
        arrived = [bool(b) and b != a for a, b in zip(before, after, strict=True)]
        if all(arrived):
            return _Evidence.NUMBERS, interface
        return (_Evidence.A_NUMBER if any(arrived) else _Evidence.NOTHING), interface

    def _applied(self, *operands: object) -> object:
        parameters = (2.0,) * self.operation.parameters
        apply = self.interface.bindings[self.operation.name].callable_for(self.operation)
        return apply(*operands, *parameters)

    def _gradients(self, inputs: list[object]) -> list[float | None]:
        return [number_at(x, self.interface.gradient, inner=self.interface.value) for x in inputs]
