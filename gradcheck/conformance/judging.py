"""Helpers of the suite: parameters, and the check of an engine."""

from __future__ import annotations

import pytest

from gradcheck.assertion import require_right
from gradcheck.checking import check
from gradcheck.conformance.array_properties import case_of_arrays
from gradcheck.conformance.properties import INFIX, at
from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine, what_is_missing
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Expression
from gradcheck.findings.replay import missing_operations
from gradcheck.formula import parse
from gradcheck.operations import OPERATIONS

every_operation = pytest.mark.parametrize(
    "operation", [*OPERATIONS.values()], ids=lambda operation: operation.name
)

every_infix_operation = pytest.mark.parametrize("operation", INFIX, ids=lambda o: o.name)


def judge_arrays(engine: AnyEngine, formula: str) -> None:
    """Do the same as ``judge`` for a formula of arrays with ``SHAPES``, on an engine of arrays."""
    __tracebackhide__ = True
    if not isinstance(engine, ArrayEngine):
        pytest.skip(f"{engine.spec} is an engine of numbers")
    case = case_of_arrays(formula)
    if missing := what_is_missing(case, engine):
        pytest.skip(missing)
    require_right(check(case, engine), engine)


def judge(engine: Engine, formula: str, *point: float) -> None:
    """Raise ``GradientMismatch`` if the engine is wrong; skip the test if it lacks an operation."""
    __tracebackhide__ = True
    judge_expression(engine, parse(formula), *point)


def judge_expression(engine: Engine, expression: Expression, *point: float) -> None:
    """Do the same for an expression at a point, as ``at`` makes it."""
    __tracebackhide__ = True
    case = at(expression, *point)
    if reason := missing_operations(case, engine):
        pytest.skip(reason)
    require_right(check(case, engine), engine)
