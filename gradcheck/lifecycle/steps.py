"""What the steps of a case say: which check they are, and how gradients may end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce

from gradcheck.blame.cause import Cause
from gradcheck.expression import (
    Apply,
    Backward,
    Build,
    Case,
    Constant,
    Expression,
    Node,
    Repeat,
    Reset,
    Step,
    ZeroGrad,
)
from gradcheck.operations import OPERATIONS

ADD_UP = "gradients add up"
REPLACED = "gradients are replaced"
CLEARS_GRAPH = "it clears the whole graph"
CLEARS_ONE = "it clears what it is called on"
CLEARS_ALL = "it clears all that it should"
"""Where the two above are the same."""

CHECKS = (
    Cause.SECOND_BACKWARD,
    Cause.ZERO_GRAD,
    Cause.USED_INPUTS,
    Cause.SHARED_OUTPUTS,
    Cause.INNER_FIRST,
    Cause.UNCHANGED,
    Cause.SAME_BITS,
)
"""All the checks there are, each of which is the cause of what it finds."""


def check_of(case: Case) -> Cause:
    """The check that a case with steps belongs to."""
    steps = case.steps
    if isinstance(steps[-1], Repeat):
        return Cause.SAME_BITS
    if any(isinstance(step, ZeroGrad) for step in steps):
        return Cause.ZERO_GRAD
    if any(isinstance(step, Build) for step in steps):
        return Cause.USED_INPUTS
    first, *others = [step.position for step in steps if isinstance(step, Backward)]
    if not others:
        return Cause.UNCHANGED
    if set(others) == {first}:
        return Cause.SECOND_BACKWARD
    leads_there = at(case.expression, others[-1]).used[first]
    return Cause.INNER_FIRST if leads_there else Cause.SHARED_OUTPUTS


def ends_of(case: Case) -> Mapping[str, Expression]:
    """Every way that the gradients may end, in a few words.

    Each is an expression: its gradient is the one that the inputs then have. So what is allowed is
    certified as any gradient is.
    """
    if not any(isinstance(step, ZeroGrad) for step in case.steps):
        return {ADD_UP: _end(case), REPLACED: _end(case, replaces=True)}
    ends = {CLEARS_GRAPH: _end(case), CLEARS_ONE: _end(case, clears_one=True)}
    replaced = _end(case, replaces=True)
    return ends if replaced in ends.values() else {**ends, REPLACED: replaced}


def _end(case: Case, *, replaces: bool = False, clears_one: bool = False) -> Expression:
    """The expression whose gradient the inputs have in the end.

    A gradient ``replaces`` the one before or is added to it, and ``zero_grad`` of an output
    clears the whole graph, unless it ``clears_one`` object only, which is the output itself.
    """
    parts: list[Expression] = []
    for step, graph in _with_graphs(case):
        match step:
            case Backward(position):
                parts = [at(graph, position), *([] if replaces else parts)]
            case ZeroGrad(on) if not (clears_one and on is Reset.OUTPUT):
                parts = []
    return reduce(together, parts) if parts else _zero(last_graph(case))


def passes(case: Case) -> Iterator[Case]:
    """For every backward pass, the case that it would be by itself."""
    for step, graph in _with_graphs(case):
        if isinstance(step, Backward):
            yield Case(at(graph, step.position), case.point)


def last_graph(case: Case) -> Expression:
    """The graph that there is in the end; its output is where ``backward()`` was last called."""
    graph = case.expression
    output = graph.output
    for step, graph in _with_graphs(case):
        if isinstance(step, Build | Backward):
            output = graph.output if isinstance(step, Build) else step.position
    return at(graph, output)


def _with_graphs(case: Case) -> Iterator[tuple[Step, Expression]]:
    """Every step, and the graph that there is then."""
    graph = case.expression
    for step in case.steps:
        if isinstance(step, Build):
            graph = step.expression
        yield step, graph


def at(expression: Expression, position: int) -> Expression:
    """The same nodes with another output."""
    is_same = position == expression.output
    return expression if is_same else Expression(expression.nodes, output=position)


def together(first: Expression, second: Expression) -> Expression:
    """The sum of two expressions over the same inputs, each with nodes of its own.

    Its gradient is the sum of theirs. As they share nothing but inputs, the bound on its rounding
    holds for contributions that are added up at the inputs, in any order. The nodes of the first
    keep their positions.
    """
    inputs = len(first.inputs)
    shift = len(first.nodes) - inputs
    moved = [_moved(node, inputs, shift) for node in second.nodes[inputs:]]
    output = second.output if second.output < inputs else second.output + shift
    outputs = Apply(OPERATIONS["+"], (first.output, output))
    return Expression((*first.nodes, *moved, outputs))


def _moved(node: Node, inputs: int, shift: int) -> Node:
    if not isinstance(node, Apply):
        return node
    return Apply(node.operation, tuple(i if i < inputs else i + shift for i in node.operands))


def _zero(expression: Expression) -> Expression:
    """The same nodes and one more, whose gradient is zero."""
    return Expression((*expression.nodes, Constant(0.0)))
