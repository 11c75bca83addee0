"""Property-based gradient checking with a proof instead of a tolerance."""

from gradcheck.adapters.loading import EngineLoadError, load_engine
from gradcheck.assertion import GradientMismatch, assert_gradients
from gradcheck.check import check
from gradcheck.expression import Case, Expression
from gradcheck.formula import FormulaError, parse
from gradcheck.kind import Kind
from gradcheck.verdict import Verdict

__all__ = [
    "Case",
    "EngineLoadError",
    "Expression",
    "FormulaError",
    "GradientMismatch",
    "Kind",
    "Verdict",
    "assert_gradients",
    "check",
    "load_engine",
    "parse",
]
