"""The scenarios of each check that compares gradients: one small function for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from gradcheck.engines.lifecycle.protocol import Backward, Build, Lifecycle, Reset, ZeroGrad
from gradcheck.expression import Apply, Case, Expression
from gradcheck.lifecycle.scenario import ADD_UP, REPLACED, Scenario, at, together

CLEARS_ALL = "it clears all that it should"
CLEARS_GRAPH = "it clears the whole graph"
CLEARS_ONE = "it clears what it is called on"


def second_backward(case: Case) -> Iterator[Scenario]:
    """``backward()`` is called twice on the same graph."""
    expression, back = case.expression, Backward(case.expression.output)
    life = Lifecycle(case.point, (Build(expression), back, back))
    yield Scenario(life, {ADD_UP: together(expression, expression), REPLACED: expression})


def zero_grad(case: Case, resets: Sequence[Reset]) -> Iterator[Scenario]:
    """Gradients are cleared, and then a new graph is made on the same inputs."""
    expression = case.expression
    graph = (Build(expression), Backward(expression.output))
    twice = together(expression, expression)
    ends = {
        # Called on one output, it may be meant for that one object only.
        Reset.OUTPUT: {CLEARS_GRAPH: expression, CLEARS_ONE: twice},
        Reset.INPUTS: {CLEARS_GRAPH: expression, CLEARS_ONE: expression},
    }
    for reset in resets:
        life = Lifecycle(case.point, (*graph, ZeroGrad(reset), *graph))
        yield Scenario(life, ends[reset] if len(resets) > 1 else {CLEARS_ALL: expression})


def used_inputs(first: Case, second: Expression) -> Iterator[Scenario]:
    """A new expression over inputs that have gradients from another one."""
    steps = [s for e in (first.expression, second) for s in (Build(e), Backward(e.output))]
    ends = {ADD_UP: together(first.expression, second), REPLACED: second}
    yield Scenario(Lifecycle(first.point, tuple(steps)), ends)


def shared_outputs(case: Case) -> Iterator[Scenario]:
    """Two outputs are made of one graph: ``backward()`` of one, then of the other."""
    for expression, first, second in _with_two_outputs(case.expression):
        life = Lifecycle(case.point, (Build(expression), Backward(first), Backward(second)))
        last = at(expression, second)
        yield Scenario(life, {ADD_UP: together(at(expression, first), last), REPLACED: last})


def _with_two_outputs(expression: Expression) -> Iterator[tuple[Expression, int, int]]:
    """An expression whose output is used in two others, made by operations that it has."""
    top, end = expression.output, len(expression.nodes)
    operations = sorted(
        (o for o in expression.operations if not o.parameters), key=lambda o: o.name
    )
    if operations:
        first = Apply(operations[0], (top, 0)[: operations[0].arity])
        second = Apply(operations[-1], (top, top)[: operations[-1].arity])
        yield Expression((*expression.nodes, first, second)), end, end + 1


def inner_first(case: Case) -> Iterator[Scenario]:
    """``backward()`` of a node that the output is made of, then of the output."""
    expression = case.expression
    back = Backward(expression.output)
    for position, node in enumerate(expression.nodes[: expression.output]):
        if isinstance(node, Apply) and expression.used[position]:
            life = Lifecycle(case.point, (Build(expression), Backward(position), back))
            both = together(at(expression, position), expression)
            yield Scenario(life, {ADD_UP: both, REPLACED: expression})


def pairs(cases: Sequence[Case]) -> Iterator[tuple[Case, Expression]]:
    """Every case with the next one at the same point, the last with the first."""
    for _, group in groupby(sorted(cases, key=_point), key=_point):
        first, *others = group
        for case, other in zip((first, *others), (*others, first), strict=True):
            yield case, other.expression


def _point(case: Case) -> tuple[tuple[str, ...], tuple[float, ...]]:
    return case.expression.inputs, case.point
