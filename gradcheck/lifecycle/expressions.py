"""The expressions that a life is judged on, the smallest first."""

from __future__ import annotations

import random
from collections.abc import Collection

from gradcheck.expression import Case, Expression
from gradcheck.formula import parse
from gradcheck.generation.choices import RandomChoices
from gradcheck.generation.expressions import ExpressionGrammar
from gradcheck.operations import Operation

NUMBERS = (2.0, 3.0, 0.5)
"""Ordinary ones, inside the domain of every operation."""

_FORMULAS = (
    *("a + b", "a*b", "a*a", "tanh(a)", "2.0*a + b", "tanh(a*b)", "0.1*a + 0.2*a + 0.3*a"),
    *("n = a*a; n*n", "n = a*b; n*a + n", "n = a + b; n + n", "n = tanh(a); n*b + n"),
    *("((a*b + a)*b + a)*b", "a*b + b*c + c*a", "tanh(tanh(a*0.5 + b)*c)", "a + b*0.1 + c*a*0.3"),
    "0.1*a + 0.2*a + 0.3*a + 0.4*a + 0.5*a + 0.6*a + 0.7*a",  # the order of additions shows
)

_DRAWN = 60
"""Random expressions, of which about half use all their inputs."""

_MOST_OPS = 8

_SEED = 0


def cases_for(operations: Collection[Operation]) -> list[Case]:
    """Some cases by hand and some random ones, the same every time.

    In each of them the output depends on every input.
    """
    chosen = [parse(formula) for formula in _FORMULAS]
    chosen = [e for e in chosen if e.operations <= set(operations)]
    if operations:
        chosen += _random_expressions(tuple(sorted(operations, key=lambda o: o.name)))
    chosen.sort(key=lambda expression: (expression.size, len(expression.nodes)))
    return [Case(e, NUMBERS[: len(e.inputs)]) for e in dict.fromkeys(chosen)]


def _random_expressions(operations: tuple[Operation, ...]) -> list[Expression]:
    grammar = ExpressionGrammar(operations, max_ops=_MOST_OPS)
    choices = RandomChoices(random.Random(_SEED))  # noqa: S311 - to be the same every time
    drawn = [grammar.draw(choices) for _ in range(_DRAWN)]
    return [e for e in drawn if e.size and all(e.used[: len(e.inputs)])]
