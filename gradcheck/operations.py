"""The table of operations: everything that the harness knows of ``+``, ``*``, ``tanh``.

A row says what an operation is. Its derivatives are nowhere: SymPy works them out.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass

import sympy


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation.

    ``definition`` makes the SymPy expression of the result out of the operands'. ``apply`` does the
    operation on an engine's own objects, by ``method`` of their class. ``roundings`` is how many
    units of roundoff a good implementation may lose relative to the exact result, and 1 means
    correctly rounded, as IEEE 754 asks of ``+`` and ``*``. ``precedence`` places an infix operation
    among the others, as Python does, and is ``None`` for one written as a call.

    >>> OPERATIONS["tanh"].definition(sympy.Symbol("x"))
    tanh(x)
    """

    name: str
    arity: int
    definition: Callable[..., sympy.Expr]
    apply: Callable[..., object]
    method: str
    roundings: int
    precedence: int | None = None

    @property
    def word(self) -> str:
        """A name that can stand in a file name: ``add``, ``mul``, ``tanh``."""
        return self.method.strip("_")


OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation(
            name="+",
            arity=2,
            definition=operator.add,
            apply=operator.add,
            method="__add__",
            roundings=1,
            precedence=1,
        ),
        Operation(
            name="*",
            arity=2,
            definition=operator.mul,
            apply=operator.mul,
            method="__mul__",
            roundings=1,
            precedence=2,
        ),
        # The C libraries in use document at most 2 ulp (glibc) to 4 ulp (vector libraries), and an
        # ulp is up to two units of roundoff.
        Operation(
            name="tanh",
            arity=1,
            definition=sympy.tanh,
            apply=operator.methodcaller("tanh"),
            method="tanh",
            roundings=8,
        ),
    )
}


class UnknownOperationError(LookupError):
    """A name that stands for no operation; the message lists those there are."""


def operations_named(names: str) -> tuple[Operation, ...]:
    """The operations of a list such as ``"+ * tanh"``, each once, in the order of the table.

    Raises ``UnknownOperationError``, for an empty list too.
    """
    wanted = set(names.split())
    unknown = sorted(wanted - OPERATIONS.keys())
    if unknown or not wanted:
        what = f"no operation is called {unknown[0]!r}" if unknown else "no operation was named"
        message = f"{what}; there are: {' '.join(OPERATIONS)}"
        raise UnknownOperationError(message)
    return tuple(operation for operation in OPERATIONS.values() if operation.name in wanted)
