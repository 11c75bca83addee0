"""Bugs that depend on the shape of the graph: sharing, order, unused inputs and long chains."""

from __future__ import annotations

import pytest

from gradcheck.conformance.judging import every_operation, judge, judge_expression
from gradcheck.conformance.properties import (
    AN_INPUT_AS_THE_OUTPUT,
    ORDER,
    SHARING,
    applied,
    long_chain,
)
from gradcheck.engines.protocol import Engine
from gradcheck.operations import Operation


@pytest.mark.parametrize("formula", SHARING)
def test_sharing(gradcheck_engine: Engine, formula: str) -> None:
    judge(gradcheck_engine, formula)


@pytest.mark.parametrize("formula", ORDER)
def test_order(gradcheck_engine: Engine, formula: str) -> None:
    judge(gradcheck_engine, formula)


@every_operation
def test_unused_inputs(gradcheck_engine: Engine, operation: Operation) -> None:
    judge_expression(gradcheck_engine, applied(operation, before=["unused"], after=["unused_too"]))


def test_an_input_as_the_output(gradcheck_engine: Engine) -> None:
    judge_expression(gradcheck_engine, AN_INPUT_AS_THE_OUTPUT)


@every_operation
def test_long_chains(gradcheck_engine: Engine, operation: Operation) -> None:
    judge_expression(gradcheck_engine, long_chain(operation))
