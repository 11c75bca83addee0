"""What is done with a graph, and the gradients that may come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gradcheck.engines.lifecycle.protocol import Backward, Build, Lifecycle
from gradcheck.expression import Apply, Case, Expression, Node
from gradcheck.operations import OPERATIONS

ADD_UP = "gradients add up"
REPLACED = "gradients are replaced"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A life and every way that it may end.

    Each of ``ends`` is what an engine may be meant to do, as a few words, and the expression whose
    gradient the inputs then have. So what is allowed to come out is certified as any gradient is.
    """

    life: Lifecycle
    ends: Mapping[str, Expression]


def together(first: Expression, second: Expression) -> Expression:
    """The sum of two expressions over the same inputs, each with nodes of its own.

    Its gradient is the sum of theirs. As they share nothing but inputs, the bound on its rounding
    holds for contributions that are added up at the inputs, in any order.
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


def at(expression: Expression, position: int) -> Expression:
    """The same nodes with another output."""
    return Expression(expression.nodes, output=position)


def backward_passes(life: Lifecycle) -> Iterator[Case]:
    """For every backward pass of a life, the case that it would be by itself."""
    graph: Expression | None = None
    for step in life.steps:
        if isinstance(step, Build):
            graph = step.expression
        elif isinstance(step, Backward) and graph is not None:
            yield Case(at(graph, step.position), life.point)
