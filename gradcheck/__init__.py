"""Property-based gradient checking with a proof instead of a tolerance.

Each public name is imported when it is first used. pytest loads the plugin in every run, and a run
that checks no gradient should not wait for SymPy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcheck.arrays.notation import array_case
    from gradcheck.arrays.program import ArrayCase
    from gradcheck.assertion import GradientMismatch, GradientUndecided, assert_gradients
    from gradcheck.checking import check, check_function
    from gradcheck.engines.loading import EngineLoadError, load_engine
    from gradcheck.errors import UnsupportedCaseError
    from gradcheck.expression import Case, Expression
    from gradcheck.formula import FormulaError, case, parse
    from gradcheck.kind import Kind
    from gradcheck.operations import Operation, register_operation
    from gradcheck.traced_number import TraceError
    from gradcheck.tracing import trace
    from gradcheck.verdict import Verdict

__all__ = [
    "ArrayCase",
    "Case",
    "EngineLoadError",
    "Expression",
    "FormulaError",
    "GradientMismatch",
    "GradientUndecided",
    "Kind",
    "Operation",
    "TraceError",
    "UnsupportedCaseError",
    "Verdict",
    "array_case",
    "assert_gradients",
    "case",
    "check",
    "check_function",
    "load_engine",
    "parse",
    "register_operation",
    "trace",
]

_HOME = {
    "ArrayCase": "gradcheck.arrays.program",
    "Case": "gradcheck.expression",
    "EngineLoadError": "gradcheck.engines.loading",
    "Expression": "gradcheck.expression",
    "FormulaError": "gradcheck.formula",
    "GradientMismatch": "gradcheck.assertion",
    "GradientUndecided": "gradcheck.assertion",
    "Kind": "gradcheck.kind",
    "Operation": "gradcheck.operations",
    "TraceError": "gradcheck.traced_number",
    "UnsupportedCaseError": "gradcheck.errors",
    "Verdict": "gradcheck.verdict",
    "array_case": "gradcheck.arrays.notation",
    "assert_gradients": "gradcheck.assertion",
    "case": "gradcheck.formula",
    "check": "gradcheck.checking",
    "check_function": "gradcheck.checking",
    "load_engine": "gradcheck.engines.loading",
    "parse": "gradcheck.formula",
    "register_operation": "gradcheck.operations",
    "trace": "gradcheck.tracing",
}
"""The module of each public name."""


def __getattr__(name: str) -> object:
    if name not in _HOME:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
