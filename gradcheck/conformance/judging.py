"""Helpers of the suite: parameters, expressions, and the check of an engine."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice

import pytest

from gradcheck.assertion import require_right
from gradcheck.checking import check
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Apply, Case, Constant, Expression, Input, Node
from gradcheck.findings.replay import missing_operations
from gradcheck.formula import parse
from gradcheck.operations import OPERATIONS, Operation
from gradcheck.operations.operand_names import input_names

every_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)

every_infix_operation = pytest.mark.parametrize(
    "operation",
    [o for o in OPERATIONS.values() if o.precedence is not None and o.arity > 1],
    ids=lambda o: o.name,
)


def applied(
    operation: Operation, *, before: Sequence[str] = (), after: Sequence[str] = ()
) -> Expression:
    """Return an operation on inputs a, b, …, with unused inputs around them; parameters are 3."""
    count = operation.variables
    names = (*before, *input_names(count), *after)
    first, end = len(before), len(names)
    nodes: list[Node] = [*map(Input, names), *[Constant(3.0)] * operation.parameters]
    operands = (*range(first, first + count), *range(end, len(nodes)))
    return Expression((*nodes, Apply(operation, operands)))


NUMBERS = (0.5, -1.25, 0.75, 1.5, -0.25)
"""The point of tests for which the numbers do not matter."""


def judge(engine: Engine, formula: str, *point: float) -> None:
    """Raise ``GradientMismatch`` if the engine is wrong; skip the test if it lacks an operation."""
    judge_expression(engine, parse(formula), *point)


def judge_expression(engine: Engine, expression: Expression, *point: float) -> None:
    """Do the same for an expression. The numbers of the point, or ``NUMBERS``, repeat as needed."""
    numbers = islice(cycle(point or NUMBERS), len(expression.inputs))
    case = Case(expression, tuple(numbers))
    if reason := missing_operations(case, engine):
        pytest.skip(reason)
    require_right(check(case, engine), engine)
