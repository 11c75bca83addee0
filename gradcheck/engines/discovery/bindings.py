"""Detect how an engine does each operation, by trying it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from types import ModuleType

from gradcheck.engines.experiment import outcome
from gradcheck.engines.interface import ONLY_IF_IT_WORKS, Binding, has_method, takes
from gradcheck.engines.options import NO_OVERRIDES, EngineOptionError, Overrides
from gradcheck.operations import OPERATIONS, Operation

_NUMBERS = (0.5, 0.75, 0.25)
"""Operands at which every operation of the table is defined."""

_OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "+": ("add",),
    "-": ("sub", "subtract"),
    "*": ("mul", "multiply"),
    "/": ("div", "divide", "truediv"),
    "neg": ("neg", "negate", "negative"),
    "**": ("pow", "power"),
    "power": ("power", "__pow__"),
    "log": ("log", "ln"),
    "sigmoid": ("sigmoid", "logistic"),
    "relu": ("relu", "ReLU", "Relu"),
    "abs": ("abs", "absolute"),
    "max": ("max", "maximum"),
    "min": ("min", "minimum"),
    "atan": ("atan", "arctan"),
    "asin": ("asin", "arcsin"),
    "acos": ("acos", "arccos"),
    "asinh": ("asinh", "arcsinh"),
    "acosh": ("acosh", "arccosh"),
    "atanh": ("atanh", "arctanh"),
    "atan2": ("atan2", "arctan2"),
    "leaky_relu": ("leaky_relu", "leakyrelu", "LeakyReLU", "lrelu"),
    "elu": ("elu", "ELU"),
    "silu": ("silu", "SiLU", "swish"),
    "gelu": ("gelu", "GELU"),
    "softplus": ("softplus", "Softplus"),
    "clamp": ("clamp", "clip"),
    "prod": ("prod",),
    "reciprocal": ("reciprocal", "inv"),
}
"""Names that authors give the method or function for an operation, besides its own name."""


@dataclass(frozen=True, slots=True)
class BindingSearch:
    """A search for the binding of every operation, on objects of one class.

    ``read`` returns the number in one of them. ``overrides`` has the methods and functions that the
    user named.
    """

    make: Callable[..., object]
    class_: type
    read: Callable[[object], float]
    module: ModuleType | None = None
    overrides: Overrides = NO_OVERRIDES

    def bindings(self) -> dict[str, Binding]:
        """Return how the engine does each operation that it has, by the operation's name.

        Raises ``EngineOptionError`` for a name that the user gave and that does not exist.
        """
        found = {operation.name: self.binding(operation) for operation in OPERATIONS.values()}
        return {name: binding for name, binding in found.items() if binding is not None}

    def binding(self, operation: Operation) -> Binding | None:
        """Return the first binding that works, else the first method: it may be what is broken."""
        name = self.overrides.operations.get(operation.name)
        if name is not None:
            return self._with_sides(operation, self._named(operation, name))
        for binding in (*self._methods(operation), *self._functions(operation)):
            if self._works(operation, binding):
                return self._with_sides(operation, binding)
        return self.usual(operation) if operation.name != ONLY_IF_IT_WORKS else None

    def usual(self, operation: Operation) -> Binding | None:
        """Return the first method for an operation, whether it works or not.

        One with the name of another operation does that one: a ``power`` may take objects only, and
        is no broken ``**``.
        """
        others = OPERATIONS.keys() - {operation.name}
        return next((b for b in self._methods(operation) if b.name not in others), None)

    def _methods(self, operation: Operation) -> Iterator[Binding]:
        for name in dict.fromkeys((operation.method, *_names(operation))):
            if has_method(self.class_, name, operands=operation.arity):
                yield Binding(name)

    def _named(self, operation: Operation, name: str) -> Binding:
        if has_method(self.class_, name, operands=operation.arity):
            return Binding(name)
        function = self.overrides.functions.get(operation.name)
        if function is None:
            function = getattr(self.module, name, None)
        if not callable(function):
            where = self.module and self.module.__name__
            message = (
                f"operation.{operation.name}={name}: {name} is not a method of "
                f"{self.class_.__name__}, nor a function of {where}"
            )
            raise EngineOptionError(message)
        return Binding(name, function)

    def _functions(self, operation: Operation) -> Iterator[Binding]:
        """Yield the functions for an operation, but none that does the operation of its name."""
        for name in _names(operation):
            function = vars(self.module).get(name) if self.module is not None else None
            if not callable(function) or not takes(function, operation.arity):
                continue
            binding, other = Binding(name, function), OPERATIONS.get(name, operation)
            if other is operation or not self._works(other, binding):
                yield binding

    def _with_sides(self, operation: Operation, binding: Binding) -> Binding:
        """Return the binding with the sides on which it takes a plain number.

        Python calls a reflected method for a number on the left. An engine without that method does
        not claim to take one there; an engine that has the method has to get it right.
        """
        if operation.variables == 1:
            return binding
        right = self._works(operation, binding, plain=[1])
        if binding.function is not None:
            left = self._works(operation, binding, plain=[0])
        elif binding.is_operator:
            is_reflected = has_method(self.class_, f"__r{binding.name[2:]}", operands=2)
            left = is_reflected and (right or self._works(operation, binding, plain=[0]))
        else:
            left = False
        return Binding(binding.name, binding.function, numbers_left=left, numbers_right=right)

    def _works(self, operation: Operation, binding: Binding, *, plain: Sequence[int] = ()) -> bool:
        """Tell whether it makes an object with a value; the operands ``plain`` are numbers."""
        first_parameter = operation.variables

        def experiment() -> float:
            operands = [
                x if index in plain or index >= first_parameter else self.make(x)
                for index, x in enumerate(islice(cycle(_NUMBERS), operation.arity))
            ]
            made = binding.callable_for(operation)(*operands)
            return self.read(made)

        return outcome(experiment) is not None


def _names(operation: Operation) -> tuple[str, ...]:
    return _OTHER_NAMES.get(operation.name, (operation.name,))
