"""Bugs that depend on the shape of the graph: sharing, order, unused inputs and long chains."""

from __future__ import annotations

import pytest

from gradcheck.conformance.judging import applied, every_operation, judge, judge_expression
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Apply, Constant, Expression, Input, Node
from gradcheck.operations import Operation

_LONG = 200
"""Operations in a chain; few enough for an engine that recurses."""


@pytest.mark.parametrize(
    "formula",
    [
        "a*a",
        "a + a",
        "a + a + a + a",
        "a*b + a",
        "a*(a + b)",
        "a + tanh(a)",
        "tanh(a)*tanh(a)",
        "s = a*b; s*s",
        "s = a + b; s*(s + a)",
        "s = tanh(a); s + s",
        "s = tanh(a*b); s*a + s*b",
    ],
)
def test_sharing(gradcheck_engine: Engine, formula: str) -> None:
    judge(gradcheck_engine, formula)


@pytest.mark.parametrize(
    "formula",
    [
        "a + a + a",
        "n = a + a; n + n",
        "n = a + a; n + n + n",
        "n = a + a; n + (n + n)",
        "n = a*b; m = n + a; n*m",
        "n = a*b; m = n + a; m*n",
        "n = tanh(a); m = n*b; tanh(m) + n",
        "n = tanh(a); m = n*b; n + tanh(m)",
    ],
)
def test_order(gradcheck_engine: Engine, formula: str) -> None:
    judge(gradcheck_engine, formula)


@every_operation
def test_unused_inputs(gradcheck_engine: Engine, operation: Operation) -> None:
    judge_expression(gradcheck_engine, applied(operation, before=["unused"], after=["unused_too"]))


def test_an_input_as_the_output(gradcheck_engine: Engine) -> None:
    judge_expression(gradcheck_engine, Expression((Input("a"), Input("unused")), output=0))


@every_operation
def test_long_chains(gradcheck_engine: Engine, operation: Operation) -> None:
    nodes: list[Node] = [Input("a"), Constant(0.99)]
    last = 0
    for _ in range(_LONG):
        nodes.append(Apply(operation, (last, *[1] * (operation.arity - 1))))
        last = len(nodes) - 1
    judge_expression(gradcheck_engine, Expression(tuple(nodes)))
