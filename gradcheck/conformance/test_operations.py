"""Each operation alone: on inputs, and with a constant on either side."""

from __future__ import annotations

import pytest

from gradcheck.conformance.judging import (
    applied,
    every_infix_operation,
    every_operation,
    judge_expression,
)
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Apply, Constant, Expression, Input
from gradcheck.operations import Operation

_POINTS = ((2.0, -3.0), (0.5, 0.5), (-1.5, -0.25), (0.0, 1.0), (1.0, 0.0), (0.1, 1e-3))

_CONSTANTS = (2.0, -1.5, 0.1, 1.0, 0.0)


@every_operation
def test_an_operation_alone(gradcheck_engine: Engine, operation: Operation) -> None:
    alone = applied(operation)
    for point in _POINTS:
        judge_expression(gradcheck_engine, alone, *point)


@every_infix_operation
@pytest.mark.parametrize("constant", _CONSTANTS)
def test_a_constant_on_the_left(
    gradcheck_engine: Engine, operation: Operation, constant: float
) -> None:
    if operation.parameters:
        pytest.skip(f"{operation.name} takes a constant on the right only")
    nodes = (Input("a"), Constant(constant), Apply(operation, (1, 0)))
    judge_expression(gradcheck_engine, Expression(nodes))


@every_infix_operation
@pytest.mark.parametrize("constant", _CONSTANTS)
def test_a_constant_on_the_right(
    gradcheck_engine: Engine, operation: Operation, constant: float
) -> None:
    nodes = (Input("a"), Constant(constant), Apply(operation, (0, 1)))
    judge_expression(gradcheck_engine, Expression(nodes))
