"""The standard cases of each lifecycle check, smallest first: expressions, then steps on them."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby, islice

from gradcheck.blame.cause import Cause
from gradcheck.comparison import Comparison
from gradcheck.expression import (
    Apply,
    Backward,
    Build,
    Case,
    Constant,
    Expression,
    Repeat,
    Reset,
    Step,
    ZeroGrad,
)
from gradcheck.formula import parse
from gradcheck.generation.choices import RandomChoices
from gradcheck.generation.expressions import ExpressionGrammar
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import certify
from gradcheck.precision import FLOAT32

RUNS = 12
"""The number of runs of a case that have to give the same bits."""

_POINT = (2.0, 3.0, 0.5)
"""Ordinary numbers, inside the domain of every operation."""

_FORMULAS = (
    *("a + b", "a*b", "a*a", "tanh(a)", "2.0*a + b", "tanh(a*b)", "0.1*a + 0.2*a + 0.3*a"),
    *("n = a*a; n*n", "n = a*b; n*a + n", "n = a + b; n + n", "n = tanh(a); n*b + n"),
    *("((a*b + a)*b + a)*b", "a*b + b*c + c*a", "tanh(tanh(a*0.5 + b)*c)", "a + b*0.1 + c*a*0.3"),
    "0.1*a + 0.2*a + 0.3*a + 0.4*a + 0.5*a + 0.6*a + 0.7*a",  # the order of additions shows
)

_RANDOM_CASES = 30

_MAX_DRAWS = 500
"""Expressions that are drawn at most, as some operations have only a few such cases."""

_MAX_OPS = 8

_SEED = 0


def cases_for(operations: Collection[Operation]) -> list[Case]:
    """Return handwritten and random cases without steps, the same ones every time.

    In each of them the output depends on every input, and its numbers can be decided.
    """
    return [*_cases_for(frozenset(operations))]


@lru_cache(maxsize=8)
def _cases_for(operations: frozenset[Operation]) -> tuple[Case, ...]:
    cases = [_case(parse(formula)) for formula in _FORMULAS]
    cases = [case for case in cases if case.operations <= operations]
    if operations:
        random_cases = _random_cases(tuple(sorted(operations, key=lambda o: o.name)))
        cases += islice(random_cases, _RANDOM_CASES)
    return tuple(sorted(dict.fromkeys(cases), key=size))


def _case(expression: Expression) -> Case:
    return Case(expression, _POINT[: len(expression.inputs)])


def _random_cases(operations: tuple[Operation, ...]) -> Iterator[Case]:
    grammar = ExpressionGrammar(operations, max_ops=_MAX_OPS, precision=FLOAT32)
    choices = RandomChoices(random.Random(_SEED))  # noqa: S311 - to be the same every time
    for _ in range(_MAX_DRAWS):
        expression, _ = grammar.draw(choices, grammar.number_of_inputs(choices), [_POINT])
        if expression.size and all(expression.used[: len(expression.inputs)]):
            case = _case(expression)
            if _is_decidable(case):
                yield case


def _is_decidable(case: Case) -> bool:
    """Tell whether the bounds are sharp and no gradient is zero.

    Otherwise an engine that is wrong, or adds up gradients, may seem correct.
    """
    certificate, inputs = certify(case), len(case.point)
    value = Comparison(None, certificate.values[case.expression.output])
    gradient = [Comparison(None, adjoint) for adjoint in certificate.adjoints[:inputs]]
    is_sharp = all(number.undecided is None for number in (value, *gradient))
    return is_sharp and all(number.true for number in gradient)


Scenario = Callable[[Sequence[Case], Sequence[Reset]], Iterator[Case]]
"""Add the steps of a check to cases, for an engine with certain forms of ``zero_grad``."""


def standard_cases(check: Cause, cases: Sequence[Case], resets: Sequence[Reset]) -> list[Case]:
    """Return the cases of a check, smallest first, made from cases without steps."""
    cases = [case for case in cases if not _is_constant(case.expression)]
    return sorted(_SCENARIOS[check](cases, resets), key=size)


def size(case: Case) -> tuple[int, int]:
    """Return the number of operations, then of nodes, in all graphs that a case builds."""
    built = [step.expression for step in case.steps if isinstance(step, Build)]
    graphs = [case.expression, *built]
    return sum(graph.size for graph in graphs), sum(len(graph.nodes) for graph in graphs)


def _is_constant(expression: Expression) -> bool:
    return isinstance(expression.nodes[expression.output], Constant)


def _second_backward(cases: Sequence[Case], _: Sequence[Reset]) -> Iterator[Case]:
    """Call ``backward()`` twice on the same graph."""
    for case in cases:
        yield _with(case, _back(case), _back(case))


def _zero_grad(cases: Sequence[Case], resets: Sequence[Reset]) -> Iterator[Case]:
    """Clear the gradients, then build a new graph on the same inputs."""
    for case in cases:
        for reset in resets:
            yield _with(case, _back(case), ZeroGrad(reset), Build(case.expression), _back(case))


def _used_inputs(cases: Sequence[Case], _: Sequence[Reset]) -> Iterator[Case]:
    """Build a different graph on inputs that already have gradients: the next one at the point."""
    for _point, group in groupby(sorted(cases, key=_named_point), key=_named_point):
        first, *others = group
        for case, other in zip((first, *others), (*others, first), strict=True):
            yield _with(case, _back(case), Build(other.expression), _back(other))


def _named_point(case: Case) -> tuple[tuple[str, ...], tuple[float, ...]]:
    return case.expression.inputs, case.point


def _shared_outputs(cases: Sequence[Case], _: Sequence[Reset]) -> Iterator[Case]:
    """Make two outputs from one graph; call ``backward()`` of one, then of the other."""
    for case in cases:
        expression, top, end = case.expression, case.expression.output, len(case.expression.nodes)
        operations = sorted(
            (o for o in expression.operations if not o.parameters), key=lambda o: o.name
        )
        if operations:
            # Both outputs use operations that occur in the case.
            first = Apply(operations[0], (top, *[0] * (operations[0].arity - 1)))
            second = Apply(operations[-1], (top,) * operations[-1].arity)
            both = Case(Expression((*expression.nodes, first, second)), case.point)
            yield _with(both, Backward(end), Backward(end + 1))


def _inner_first(cases: Sequence[Case], _: Sequence[Reset]) -> Iterator[Case]:
    """Call ``backward()`` of a node that the output depends on, then of the output."""
    for case in cases:
        for position, node in enumerate(case.expression.nodes[: case.expression.output]):
            if isinstance(node, Apply) and case.expression.used[position]:
                yield _with(case, Backward(position), _back(case))


def _unchanged(cases: Sequence[Case], _: Sequence[Reset]) -> Iterator[Case]:
    """Call ``backward()`` once."""
    for case in cases:
        yield _with(case, _back(case))


def _same_bits(cases: Sequence[Case], _: Sequence[Reset]) -> Iterator[Case]:
    """Call ``backward()`` once, then repeat everything on new inputs."""
    for case in cases:
        yield _with(case, _back(case), Repeat(RUNS))


def _back(case: Case) -> Backward:
    return Backward(case.expression.output)


def _with(case: Case, *steps: Step) -> Case:
    return replace(case, steps=steps)


_SCENARIOS: Mapping[Cause, Scenario] = {
    Cause.SECOND_BACKWARD: _second_backward,
    Cause.ZERO_GRAD: _zero_grad,
    Cause.USED_INPUTS: _used_inputs,
    Cause.SHARED_OUTPUTS: _shared_outputs,
    Cause.INNER_FIRST: _inner_first,
    Cause.UNCHANGED: _unchanged,
    Cause.SAME_BITS: _same_bits,
}
