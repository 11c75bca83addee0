"""How a class of scalar objects is driven: its names, and how each operation is done."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gradcheck.operations import Operation, by_method


@dataclass(frozen=True, slots=True)
class Binding:
    """How an operation is done on an engine's objects: by a method of theirs or by a function.

    ``name`` is the method's; or the function's, within the engine's module or as
    ``module:function``. ``numbers_left`` and ``numbers_right`` say whether a plain number may stand
    there: on the left is the first operand, on the right any other.

    >>> Binding("tanh").written("a")
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

    def written(self, *operands: str) -> str:
        """A call in Python's syntax; each operand binds as tightly as a name."""
        if self.function is not None:
            return f"{self.name.rpartition(':')[2]}({', '.join(operands)})"
        if self.is_operator:
            # Of those without a sign: abs(a).
            return f"{self.name.strip('_')}({', '.join(operands)})"
        first, *rest = operands
        return f"{first}.{self.name}({', '.join(rest)})"

    def callable_for(self, operation: Operation) -> Callable[..., object]:
        """What does the operation on the engine's objects."""
        if self.function is not None:
            return self.function
        return (
            operation.apply
            if self.name == operation.method
            else by_method(self.name, operation.arity)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """What differs from engine to engine; as it stands, it is that of micrograd.

    ``value``, ``gradient`` and ``backward`` are names of attributes. With ``seed_output`` the
    gradient of the output has to be set to 1 before the backward pass, with ``requires_grad`` a
    number that gets a gradient is made with ``requires_grad=True``. ``gradient_is_object`` says
    that a gradient is an object of the engine again. ``bindings`` are those operations, by name,
    that are not done by their usual method or do not take plain numbers on both sides.
    """

    value: str = "data"
    gradient: str = "grad"
    backward: str = "backward"
    seed_output: bool = False
    requires_grad: bool = False
    gradient_is_object: bool = False
    bindings: Mapping[str, Binding] = field(default_factory=dict, hash=False)

    def binding(self, operation: Operation, made_by: type) -> Binding | None:
        """How an operation is done on objects of a class, ``None`` where it has no such thing."""
        if operation.name in self.bindings:
            return self.bindings[operation.name]
        has_it = has_method(made_by, operation.method, operands=operation.arity)
        return Binding(operation.method) if has_it else None


def has_method(made_by: type, name: str, *, operands: int) -> bool:
    """Whether objects of a class have a method that takes so many operands, themselves included."""
    method = getattr(made_by, name, None)
    return callable(method) and takes(method, operands)


def takes(function: Callable[..., object], arguments: int) -> bool:
    """Whether a function can be called with so many arguments; ``True`` where nothing tells."""
    try:
        inspect.signature(function).bind(*range(arguments))
    except TypeError:
        return False
    except Exception:  # noqa: BLE001 - what is written in C may have no signature
        return True
    return True
