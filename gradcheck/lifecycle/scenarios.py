"""The cases of each check, made of cases without steps: one small function for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from gradcheck.blame.cause import Cause
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

TIMES = 12
"""How often a case is run to see whether it gives the same bits."""

Scenarios = Callable[[Sequence[Case], Sequence[Reset]], Iterator[Case]]


def scenarios(check: Cause, cases: Sequence[Case], resets: Sequence[Reset]) -> list[Case]:
    """The cases of a check, the smallest first, for an engine with some ``zero_grad`` or none."""
    cases = [case for case in cases if not _is_constant(case.expression)]
    return sorted(_SCENARIOS[check](cases, resets), key=size)


def size(case: Case) -> tuple[int, int]:
    """What makes a case with steps small: operations, then nodes, in all that it builds."""
    built = [step.expression for step in case.steps if isinstance(step, Build)]
    graphs = [case.expression, *built]
    return sum(graph.size for graph in graphs), sum(len(graph.nodes) for graph in graphs)


def _is_constant(expression: Expression) -> bool:
    return isinstance(expression.nodes[expression.output], Constant)


def _second_backward(cases: Sequence[Case], _: Sequence[Reset]) -> Iterator[Case]:
    """``backward()`` is called twice on the same graph."""
    for case in cases:
        yield _with(case, _back(case), _back(case))


def _zero_grad(cases: Sequence[Case], resets: Sequence[Reset]) -> Iterator[Case]:
    """Gradients are cleared, and then a new graph is made on the same inputs."""
    for case in cases:
        for reset in resets:
            yield _with(case, _back(case), ZeroGrad(reset), Build(case.expression), _back(case))


def _used_inputs(cases: Sequence[Case], _: Sequence[Reset]) -> Iterator[Case]:
    """Another expression over inputs that have gradients: the next one at the same point."""
    for _point, group in groupby(sorted(cases, key=_place), key=_place):
        first, *others = group
        for case, other in zip((first, *others), (*others, first), strict=True):
            yield _with(case, _back(case), Build(other.expression), _back(other))


def _place(case: Case) -> tuple[tuple[str, ...], tuple[float, ...]]:
    return case.expression.inputs, case.point


def _shared_outputs(cases: Sequence[Case], _: Sequence[Reset]) -> Iterator[Case]:
    """Two outputs are made of one graph: ``backward()`` of one, then of the other."""
    for case in cases:
        expression, top, end = case.expression, case.expression.output, len(case.expression.nodes)
        operations = sorted(
            (o for o in expression.operations if not o.parameters), key=lambda o: o.name
        )
        if operations:
            # Both are made by operations that occur.
            first = Apply(operations[0], (top, *[0] * (operations[0].arity - 1)))
            second = Apply(operations[-1], (top,) * operations[-1].arity)
            both = Case(Expression((*expression.nodes, first, second)), case.point)
            yield _with(both, Backward(end), Backward(end + 1))


def _inner_first(cases: Sequence[Case], _: Sequence[Reset]) -> Iterator[Case]:
    """``backward()`` of a node that the output is made of, then of the output."""
    for case in cases:
        for position, node in enumerate(case.expression.nodes[: case.expression.output]):
            if isinstance(node, Apply) and case.expression.used[position]:
                yield _with(case, Backward(position), _back(case))


def _unchanged(cases: Sequence[Case], _: Sequence[Reset]) -> Iterator[Case]:
    """``backward()`` is called once."""
    for case in cases:
        yield _with(case, _back(case))


def _same_bits(cases: Sequence[Case], _: Sequence[Reset]) -> Iterator[Case]:
    """``backward()`` is called once, and then all is done anew."""
    for case in cases:
        yield _with(case, _back(case), Repeat(TIMES))


def _back(case: Case) -> Backward:
    return Backward(case.expression.output)


def _with(case: Case, *steps: Step) -> Case:
    return replace(case, steps=steps)


_SCENARIOS: Mapping[Cause, Scenarios] = {
    Cause.SECOND_BACKWARD: _second_backward,
    Cause.ZERO_GRAD: _zero_grad,
    Cause.USED_INPUTS: _used_inputs,
    Cause.SHARED_OUTPUTS: _shared_outputs,
    Cause.INNER_FIRST: _inner_first,
    Cause.UNCHANGED: _unchanged,
    Cause.SAME_BITS: _same_bits,
}
