"""SymPy, imported when the first definition is called.

Importing it would take most of the start-up time of a command.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sympy


class _LazyModule:
    """A module that is imported when one of its names is looked up."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a class, a function or a number
        return getattr(importlib.import_module(self._name), name)


sp = _LazyModule("sympy")
"""SymPy."""

c = _LazyModule("sympy.codegen.cfunctions")
"""SymPy's functions of C's ``math.h``, such as ``log1p``, which is accurate near its zero."""


def function(name: str, module: _LazyModule = sp) -> Callable[..., sympy.Expr]:
    """Return a module's function of a name; the module is imported when the function is called.

    >>> function("tanh")(0)
    0
    """

    def call(*operands: sympy.Expr | int) -> sympy.Expr:
        made: sympy.Expr = getattr(module, name)(*operands)
        return made

    return call
