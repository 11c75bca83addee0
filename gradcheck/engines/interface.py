"""The interface of a class of scalar objects: the names of its attributes, and its operations."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gradcheck.operations.operation import Operation, by_method


@dataclass(frozen=True, slots=True)
class Binding:
    """The method or function that does one operation on an engine's objects.

    ``name`` is the method, or the function: a name in the engine's module, or ``module:function``.
    ``numbers_left`` says whether a plain number may be the first operand, ``numbers_right`` whether
    it may be any other.

    >>> Binding("tanh").call_text("a")
    'a.tanh()'
    >>> Binding("__mul__").is_operator
    True
    """

    name: str
    function: Callable[..., object] | None = None
    numbers_left: bool = True
    numbers_right: bool = True

    @property
    def is_operator(self) -> bool:
        """Whether Python has an operator for it."""
        return self.function is None and self.name.startswith("__")

    def call_text(self, *operands: str) -> str:
        """Return the call as Python source; each operand binds as tightly as a name."""
        if self.function is not None:
            return f"{self.name.rpartition(':')[2]}({', '.join(operands)})"
        if self.is_operator:
            # Without a sign of its own: abs(a).
            return f"{self.name.strip('_')}({', '.join(operands)})"
        first, *rest = operands
        return f"{first}.{self.name}({', '.join(rest)})"

    def takes(self, class_: type, operands: int) -> bool:
        """Tell whether that many operands are accepted, of objects of a class."""
        if self.function is not None:
            return takes(self.function, operands)
        return has_method(class_, self.name, operands=operands)

    def callable_for(self, operation: Operation) -> Callable[..., object]:
        """Return a function that applies the operation to objects of the engine."""
        if self.function is not None:
            return self.function
        if self.name == operation.method:
            return operation.apply
        if self.is_operator:
            by_operator: Callable[..., object] = getattr(operator, self.name)
            return by_operator
        return by_method(self.name, operation.arity)


ONLY_IF_IT_WORKS = "power"
"""An operation whose method takes a plain number only in most small engines, as ``**`` does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """The names and habits in which engines differ. The defaults are those of micrograd.

    ``value``, ``gradient`` and ``backward`` are names of attributes. With ``seed_output`` the
    gradient of the output has to be set to 1 before the backward pass. With ``requires_grad`` an
    object that gets a gradient is made with ``requires_grad=True``. ``gradient_is_object`` says
    that a gradient is itself an object of the engine. ``bindings`` holds the operations, by name,
    that are not done by their usual method, or do not take plain numbers on both sides.
    """

    value: str = "data"
    gradient: str = "grad"
    backward: str = "backward"
    seed_output: bool = False
    requires_grad: bool = False
    gradient_is_object: bool = False
    bindings: Mapping[str, Binding] = field(default_factory=dict, hash=False)

    def binding(self, operation: Operation, class_: type) -> Binding | None:
        """Return the binding of an operation for a class, ``None`` if the class lacks it."""
        found = self.bindings.get(operation.name)
        if found is not None or operation.name == ONLY_IF_IT_WORKS:
            return found
        has_it = has_method(class_, operation.method, operands=operation.arity)
        return Binding(operation.method) if has_it else None


def has_method(class_: type, name: str, *, operands: int) -> bool:
    """Tell whether a class has a method for that number of operands, ``self`` included."""
    method = getattr(class_, name, None)
    return callable(method) and takes(method, operands)


def takes(function: Callable[..., object], arguments: int) -> bool:
    """Tell whether a function accepts that number of arguments; true if it has no signature."""
    try:
        inspect.signature(function).bind(*range(arguments))
    except TypeError:
        return False
    except Exception:  # noqa: BLE001 - a function written in C may have no signature
        return True
    return True
