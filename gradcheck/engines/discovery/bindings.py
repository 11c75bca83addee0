"""Finding out how the objects of an engine do each operation, by trying."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from types import ModuleType

from gradcheck.engines.discovery.experiment import outcome
from gradcheck.engines.discovery.names import OTHER_NAMES
from gradcheck.engines.interface import Binding, has_method, takes
from gradcheck.engines.numbers import number
from gradcheck.engines.options import EngineOptionError
from gradcheck.operations import OPERATIONS, Operation

_NUMBERS = (0.5, 0.75, 0.25)
"""Where every operation of the table is defined."""


@dataclass(frozen=True, slots=True)
class BindingSearch:
    """What is needed to try an operation: objects, their class, their value, and functions.

    ``given`` are names of methods or functions that need not be found, by the operation's name.
    """

    make: Callable[..., object]
    made_by: type
    value: str
    module: ModuleType | None = None
    given: Mapping[str, str] = field(default_factory=dict)

    def bindings(self) -> dict[str, Binding]:
        """How each operation is done that the engine has, by the operation's name.

        Raises ``EngineOptionError`` where what is given is not there.
        """
        found = {operation.name: self._binding(operation) for operation in OPERATIONS.values()}
        return {name: binding for name, binding in found.items() if binding is not None}

    def _binding(self, operation: Operation) -> Binding | None:
        """The first way that works; or else the first method, which may be what is broken."""
        if operation.name in self.given:
            return self._with_sides(operation, self._given(operation, self.given[operation.name]))
        methods = [
            Binding(name)
            for name in dict.fromkeys((operation.method, *_names(operation)))
            if has_method(self.made_by, name, operands=operation.arity)
        ]
        for binding in (*methods, *self._functions(operation)):
            if self._works(operation, binding):
                return self._with_sides(operation, binding)
        return methods[0] if methods else None

    def _given(self, operation: Operation, name: str) -> Binding:
        if has_method(self.made_by, name, operands=operation.arity):
            return Binding(name)
        place, colon, inner = name.rpartition(":")
        module = _imported(place) if colon else self.module
        function = getattr(module, inner, None)
        if not callable(function):
            where = place or (self.module and self.module.__name__)
            what = f"a function of {where}" if colon else f"a method of {self.made_by.__name__}"
            others = "" if colon else f", nor a function of {where}"
            message = f"operation.{operation.name}={name}: {inner} is not {what}{others}"
            raise EngineOptionError(message)
        return Binding(name, function)

    def _functions(self, operation: Operation) -> Iterator[Binding]:
        for name in _names(operation):
            function = vars(self.module).get(name) if self.module is not None else None
            if callable(function) and takes(function, operation.arity):
                yield Binding(name, function)

    def _with_sides(self, operation: Operation, binding: Binding) -> Binding:
        """The binding with the sides on which it takes a plain number.

        What Python asks for a number on the left is a method of its own: where there is none, the
        engine does not claim to take any, and where there is one, it has to be right.
        """
        if operation.variables == 1:
            return binding
        right = self._works(operation, binding, plain=[1])
        if binding.function is not None:
            left = self._works(operation, binding, plain=[0])
        elif binding.is_operator:
            has_method_for_left = has_method(self.made_by, f"__r{binding.name[2:]}", operands=2)
            left = has_method_for_left and (right or self._works(operation, binding, plain=[0]))
        else:
            left = False
        return Binding(binding.name, binding.function, numbers_left=left, numbers_right=right)

    def _works(self, operation: Operation, binding: Binding, *, plain: Sequence[int] = ()) -> bool:
        """Whether it makes an object with a value, where some of the operands are plain numbers."""
        first_parameter = operation.variables

        def experiment() -> float:
            operands = [
                x if index in plain or index >= first_parameter else self.make(x)
                for index, x in enumerate(islice(cycle(_NUMBERS), operation.arity))
            ]
            made = binding.callable_for(operation)(*operands)
            return number(made, self.value, "")

        return outcome(experiment) is not None


def _names(operation: Operation) -> tuple[str, ...]:
    """What a method or a function for an operation may be called."""
    return OTHER_NAMES.get(operation.name, (operation.name,))


def _imported(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except Exception:  # noqa: BLE001 - whatever a module raises, there is no such function
        return None
