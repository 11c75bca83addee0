"""Derive from the steps of a case which check it is, and which final gradients are allowed."""

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
"""Either of the two above, where they have the same result."""

CHECKS = (
    Cause.SECOND_BACKWARD,
    Cause.ZERO_GRAD,
    Cause.USED_INPUTS,
    Cause.SHARED_OUTPUTS,
    Cause.INNER_FIRST,
    Cause.UNCHANGED,
    Cause.SAME_BITS,
)
"""All checks. Each is also the cause of the findings that it makes."""


def check_of(case: Case) -> Cause:
    """Return the check that a case with steps belongs to."""
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
    is_inner = with_output(case.expression, others[-1]).used[first]
    return Cause.INNER_FIRST if is_inner else Cause.SHARED_OUTPUTS


def allowed_gradients(case: Case) -> Mapping[str, Expression]:
    """Return the result of every policy that an engine may have, by the policy in words.

    A policy says what becomes of a gradient that is already there: a new one is added to it or
    replaces it, or ``zero_grad`` clears it. The result is an expression whose gradient the inputs
    have in the end. So it is certified as any other gradient is.
    """
    if not any(isinstance(step, ZeroGrad) for step in case.steps):
        return {ADD_UP: _result(case), REPLACED: _result(case, replaces=True)}
    results = {CLEARS_GRAPH: _result(case), CLEARS_ONE: _result(case, clears_one=True)}
    replaced = _result(case, replaces=True)
    return results if replaced in results.values() else {**results, REPLACED: replaced}


def _result(case: Case, *, replaces: bool = False, clears_one: bool = False) -> Expression:
    """Return the expression whose gradient the inputs have in the end.

    With ``replaces``, a gradient replaces the one before; otherwise it is added. With
    ``clears_one``, ``zero_grad`` of an output clears that one object, not the whole graph.
    """
    parts: list[Expression] = []
    for step, graph in _with_graphs(case):
        match step:
            case Backward(position):
                parts = [with_output(graph, position), *([] if replaces else parts)]
            case ZeroGrad(on) if not (clears_one and on is Reset.OUTPUT):
                parts = []
    return reduce(sum_of, parts) if parts else _zero(last_graph(case))


def single_passes(case: Case) -> Iterator[Case]:
    """Yield for every backward pass a case of that pass alone."""
    for step, graph in _with_graphs(case):
        if isinstance(step, Backward):
            yield Case(with_output(graph, step.position), case.point)


def last_graph(case: Case) -> Expression:
    """Return the last graph; its output is the node whose ``backward()`` was called last."""
    graph = case.expression
    output = graph.output
    for step, graph in _with_graphs(case):
        if isinstance(step, Build | Backward):
            output = graph.output if isinstance(step, Build) else step.position
    return with_output(graph, output)


def _with_graphs(case: Case) -> Iterator[tuple[Step, Expression]]:
    """Yield every step with the graph that exists at that step."""
    graph = case.expression
    for step in case.steps:
        if isinstance(step, Build):
            graph = step.expression
        yield step, graph


def with_output(expression: Expression, position: int) -> Expression:
    """Return the same nodes with another output."""
    is_same = position == expression.output
    return expression if is_same else Expression(expression.nodes, output=position)


def sum_of(first: Expression, second: Expression) -> Expression:
    """Return the sum of two expressions over the same inputs; its gradient is the sum of theirs.

    The two share only the inputs. So the rounding bound of the sum's gradient holds for
    contributions that are added at the inputs in any order. The nodes of the first expression keep
    their positions.
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
    """Return the same nodes with a constant as the output, so that every gradient is zero."""
    return Expression((*expression.nodes, Constant(0.0)))
