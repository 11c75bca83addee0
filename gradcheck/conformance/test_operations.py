"""Each operation alone: on inputs, and with a constant on either side."""

from __future__ import annotations

import pytest

from gradcheck.conformance.judging import every_infix_operation, every_operation, judge_expression
from gradcheck.conformance.properties import CONSTANTS, POINTS, applied, with_constant
from gradcheck.engines.protocol import Engine
from gradcheck.operations import Operation


@every_operation
def test_an_operation_alone(gradcheck_engine: Engine, operation: Operation) -> None:
    alone = applied(operation)
    for point in POINTS:
        judge_expression(gradcheck_engine, alone, *point)


@every_infix_operation
@pytest.mark.parametrize("constant", CONSTANTS)
def test_a_constant_on_the_left(
    gradcheck_engine: Engine, operation: Operation, constant: float
) -> None:
    if operation.parameters:
        pytest.skip(f"{operation.name} takes a constant on the right only")
    judge_expression(gradcheck_engine, with_constant(operation, constant, left=True))


@every_infix_operation
@pytest.mark.parametrize("constant", CONSTANTS)
def test_a_constant_on_the_right(
    gradcheck_engine: Engine, operation: Operation, constant: float
) -> None:
    judge_expression(gradcheck_engine, with_constant(operation, constant, left=False))
