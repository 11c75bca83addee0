"""Finding out how gradients are sent back, and where they arrive."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from gradcheck.engines.discovery.attributes import attributes, number_at
from gradcheck.engines.discovery.experiment import outcome
from gradcheck.engines.discovery.names import BACKWARDS, GRADIENTS
from gradcheck.engines.interface import Interface, takes
from gradcheck.engines.options import EngineOptionError, Overrides
from gradcheck.operations import OPERATIONS, Operation

_A, _B = 2.25, 1.25

_RIGHT = {"*": [_B * _B, 2 * _A * _B], "+": [1.0, 2.0]}
"""The gradients of ``(a*b)*b`` and ``(a + b) + b``."""

_MOST_OPERATIONS = 3
"""To try with, the next one only where nothing works with one."""


class _Evidence(IntEnum):
    """What is in the inputs' attribute after a backward pass."""

    NOTHING = 0
    A_NUMBER = 1
    NUMBERS = 2
    RIGHT_NUMBERS = 3


def with_backward_pass(
    interface: Interface, make: Callable[..., object], made_by: type, given: Overrides
) -> Interface:
    """The interface with the first way to send gradients back that brings numbers to all inputs.

    Where none does, it is the one that comes nearest to it. Raises ``EngineOptionError`` where the
    method that is ``given`` is not there.
    """
    if given.backward is not None and not callable(getattr(made_by, given.backward, None)):
        message = f"backward={given.backward}: {made_by.__name__} has no such method"
        raise EngineOptionError(message)
    if given.gradient is not None and given.gradient == interface.value:
        message = f"gradient={given.gradient}: that is the value"
        raise EngineOptionError(message)
    candidates = list(_candidates(interface, make, made_by, given))
    best, most = candidates[0], -1
    for operation in _operations(interface)[:_MOST_OPERATIONS]:
        for candidate in candidates:
            found = outcome(_Trial(candidate, make, operation).run)
            if found is None or found[0] <= most:
                continue
            most, best = found
            is_usual = candidate.gradient in GRADIENTS
            if most == _Evidence.RIGHT_NUMBERS or (is_usual and most == _Evidence.NUMBERS):
                return best
    name = given.gradient
    if name and most <= _Evidence.NOTHING and not outcome(lambda: hasattr(make(_A), name)):
        message = f"gradient={name}: {made_by.__name__} has none, nor has it after a backward pass"
        raise EngineOptionError(message)
    return best


def backwards(made_by: type) -> Iterator[str]:
    """The methods that may be the backward pass, the usual names first."""
    others = [name for name in dir(made_by) if "back" in name.lower()]
    others.sort(key=lambda name: name.startswith("_"))
    for name in dict.fromkeys((*BACKWARDS, *others)):
        method = getattr(made_by, name, None)
        if callable(method) and takes(method, 1):
            yield name


def _operations(interface: Interface) -> list[Operation]:
    """What the engine has, beginning with those for which the right gradients are known."""
    names = (*(name for name in _RIGHT if name in interface.bindings), *interface.bindings)
    return [OPERATIONS[name] for name in dict.fromkeys(names)]


def _candidates(
    interface: Interface, make: Callable[..., object], made_by: type, given: Overrides
) -> Iterator[Interface]:
    """All ways to send gradients back, the usual one first.

    The caller is asked to do something only where the engine cannot do without.
    """
    if given.gradient is None:
        gradients = outcome(lambda: _gradient_names(make(_A), interface.value)) or [
            interface.gradient
        ]
    else:
        gradients = [given.gradient]
    methods = [*backwards(made_by)] if given.backward is None else [given.backward]
    seeds = (False, True) if given.seed_output is None else (given.seed_output,)
    requires = (False, True) if _takes_requires_grad(make) else (False,)
    bindings = itertools.product(requires, seeds, methods or [interface.backward], gradients)
    for requires_grad, seed_output, backward, gradient in bindings:
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
    except (TypeError, ValueError):  # what is written in C may have no signature
        return False


def _gradient_names(made: object, value: str) -> list[str]:
    """The attributes that may be the gradient: one with a usual name, or else any."""
    names = [name for name in attributes(made, usual=GRADIENTS) if name != value]
    usual = [name for name in names if name in GRADIENTS]
    # The backward pass may be what makes the attribute.
    return usual or [*GRADIENTS, *names]


@dataclass(frozen=True, slots=True)
class _Trial:
    """One way to send gradients back, tried with one operation."""

    interface: Interface
    make: Callable[..., object]
    operation: Operation

    def run(self) -> tuple[_Evidence, Interface]:
        """What it brings; raises what the engine raises."""
        options = {"requires_grad": True} if self.interface.requires_grad else {}
        numbers = itertools.islice(itertools.cycle((_A, _B)), self.operation.variables)
        inputs = [self.make(x, **options) for x in numbers]
        before = self._gradients(inputs)
        # Two steps, as there are methods that send back over one step only.
        output = self._applied(self._applied(inputs[0], *inputs[1:]), *inputs[1:])
        if self.interface.seed_output:
            setattr(output, self.interface.gradient, 1.0)
        getattr(output, self.interface.backward)()
        found = self._gradients(inputs)
        interface = replace(self.interface, gradient_is_object=self._holds_objects(inputs[0]))
        if found == _RIGHT.get(self.operation.name):
            return _Evidence.RIGHT_NUMBERS, interface
        came = [bool(b) and b != a for a, b in zip(before, found, strict=True)]
        if all(came):
            return _Evidence.NUMBERS, interface
        return (_Evidence.A_NUMBER if any(came) else _Evidence.NOTHING), interface

    def _applied(self, *operands: object) -> object:
        numbers = (2.0,) * self.operation.parameters
        apply = self.interface.bindings[self.operation.name].callable_for(self.operation)
        return apply(*operands, *numbers)

    def _gradients(self, inputs: list[object]) -> list[float | None]:
        return [number_at(x, self.interface.gradient, inner=self.interface.value) for x in inputs]

    def _holds_objects(self, made: object) -> bool:
        return isinstance(getattr(made, self.interface.gradient, None), type(made))
