"""Property-based gradient checking with a proof instead of a tolerance.

What the package offers is imported when it is first asked for: pytest loads the plugin in every
run, and a run without a gradient in it should not wait for SymPy.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcheck.adapters.loading import EngineLoadError, load_engine
    from gradcheck.assertion import GradientMismatch, assert_gradients
    from gradcheck.check import check
    from gradcheck.expression import Case, Expression
    from gradcheck.formula import FormulaError, parse
    from gradcheck.function import check_function
    from gradcheck.kind import Kind
    from gradcheck.operations import Operation, register_operation
    from gradcheck.traced_number import TraceError
    from gradcheck.tracing import trace
    from gradcheck.verdict import Verdict

__all__ = [
    "Case",
    "EngineLoadError",
    "Expression",
    "FormulaError",
    "GradientMismatch",
    "Kind",
    "Operation",
    "TraceError",
    "Verdict",
    "assert_gradients",
    "check",
    "check_function",
    "load_engine",
    "parse",
    "register_operation",
    "trace",
]

_HOME = {
    "Case": "gradcheck.expression",
    "EngineLoadError": "gradcheck.adapters.loading",
    "Expression": "gradcheck.expression",
    "FormulaError": "gradcheck.formula",
    "GradientMismatch": "gradcheck.assertion",
    "Kind": "gradcheck.kind",
    "Operation": "gradcheck.operations",
    "TraceError": "gradcheck.traced_number",
    "Verdict": "gradcheck.verdict",
    "assert_gradients": "gradcheck.assertion",
    "check": "gradcheck.check",
    "check_function": "gradcheck.function",
    "load_engine": "gradcheck.adapters.loading",
    "parse": "gradcheck.formula",
    "register_operation": "gradcheck.operations",
    "trace": "gradcheck.tracing",
}
"""Where each of them is defined."""


def __getattr__(name: str) -> object:
    if name not in _HOME:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """The package, on which importing a submodule hides nothing.

    Python makes a submodule an attribute of its package; ``gradcheck.check`` is the function.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
