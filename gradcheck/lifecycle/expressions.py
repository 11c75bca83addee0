"""The expressions that a life is judged on, the smallest first."""

from __future__ import annotations

from collections.abc import Collection

from hypothesis import HealthCheck, Phase, given, settings

from gradcheck.expression import Case, Expression
from gradcheck.formula import parse
from gradcheck.operations import Operation
from gradcheck.strategies import expressions

NUMBERS = (2.0, 3.0, 0.5)
"""Ordinary ones, inside the domain of every operation."""

_FORMULAS = (
    *("a + b", "a*b", "a*a", "tanh(a)", "2.0*a + b", "tanh(a*b)", "0.1*a + 0.2*a + 0.3*a"),
    *("n = a*a; n*n", "n = a*b; n*a + n", "n = a + b; n + n", "n = tanh(a); n*b + n"),
    *("((a*b + a)*b + a)*b", "a*b + b*c + c*a", "tanh(tanh(a*0.5 + b)*c)", "a + b*0.1 + c*a*0.3"),
    "0.1*a + 0.2*a + 0.3*a + 0.4*a + 0.5*a + 0.6*a + 0.7*a",  # the order of additions shows
)

_RANDOM = 60
"""Expressions drawn, of which about half use all their inputs."""

_MOST_OPERATIONS = 8


def cases_for(operations: Collection[Operation]) -> list[Case]:
    """Some cases by hand and some random ones, the same every time.

    In each of them the output depends on every input.
    """
    chosen = [parse(formula) for formula in _FORMULAS]
    chosen = [e for e in chosen if e.operations <= set(operations)]
    if operations:
        chosen += _drawn(tuple(sorted(operations, key=lambda o: o.name)))
    chosen.sort(key=lambda expression: (expression.size, len(expression.nodes)))
    return [Case(e, NUMBERS[: len(e.inputs)]) for e in dict.fromkeys(chosen)]


def _drawn(operations: tuple[Operation, ...]) -> list[Expression]:
    drawn: list[Expression] = []

    @settings(
        max_examples=_RANDOM,
        phases=(Phase.generate,),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(expressions(operations=operations, max_size=_MOST_OPERATIONS))
    def collect(expression: Expression) -> None:
        if expression.size and all(expression.used[: len(expression.inputs)]):
            drawn.append(expression)

    collect()
    return drawn
