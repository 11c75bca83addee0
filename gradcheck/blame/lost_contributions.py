"""Contributions that are lost: without them the gradient would be what the engine gave."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from gradcheck.blame.nodes import Nodes
from gradcheck.blame.probe import ask
from gradcheck.comparison import Comparison, gradient_fault
from gradcheck.expression import Apply, Case, Constant
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import certify
from gradcheck.rewriting import at_ordinary_numbers, with_own_input

Contribution = tuple[int, int]
"""What an operation, by its position, sends to an operand, by its number."""

_MOST_USES = 8
"""Uses of a node up to which every choice of them is tried."""

_MOST_WORK = 200_000
"""Evaluations of a node up to which they are: each choice takes the whole graph."""


def some_are_missing(nodes: Nodes, position: int) -> bool:
    """Whether the adjoint of a node is what it would be without some of its contributions.

    What fits by chance, at the numbers of the case, does not at ordinary ones, if the same node is
    the first that is wrong there.
    """
    ordinary = _at_ordinary_numbers(nodes)
    if ordinary is None or ordinary.first_wrong_adjoint() != position:
        return _some_are_missing(nodes, position)
    return _some_are_missing(nodes, position) and _some_are_missing(ordinary, position)


def _at_ordinary_numbers(nodes: Nodes) -> Nodes | None:
    """The same expression at ordinary numbers, unless the engine stops there."""
    case = at_ordinary_numbers(nodes.expression)
    run = nodes.engine.run(case)
    return (
        None
        if run.fault is not None
        else Nodes(case, nodes.engine, run, certify(case, nodes.engine.precision))
    )


def _some_are_missing(nodes: Nodes, position: int) -> bool:
    """The same at the numbers of one case; too many uses to try every choice count as a yes."""
    edges = [(i, index) for i, use in nodes.uses(position).items() for index in use.shared]
    choices = 2 ** len(edges)
    if len(edges) > _MOST_USES or choices * len(nodes.expression.nodes) > _MOST_WORK:
        return True
    adjoint = nodes.adjoint(position) or 0.0
    return any(_sum_is(nodes, position, kept, adjoint) for kept in _fewer(edges))


def _fewer(edges: list[Contribution]) -> Iterator[tuple[Contribution, ...]]:
    for count in range(len(edges)):
        yield from itertools.combinations(edges, count)


def _sum_is(nodes: Nodes, position: int, kept: tuple[Contribution, ...], adjoint: float) -> bool:
    """Whether the contributions of some uses of a node add up to an adjoint."""
    if not kept:
        return adjoint == 0.0
    other = with_own_input(nodes.case, kept, nodes.number(position))
    adjoints = certify(other, nodes.engine.precision).adjoints
    return Comparison(adjoint, adjoints[len(nodes.case.point)]).agrees is True


def senders_of_lost_contributions(nodes: Nodes) -> set[int]:
    """The operations of contributions that explain the gradient if they are lost.

    What explains it by chance, at the numbers of the case, does not at ordinary ones.
    """
    if not nodes.can_be_probed:
        return set()
    explanations = _explanations(nodes)
    ordinary = _at_ordinary_numbers(nodes) if explanations else None
    if ordinary is not None and not _would_be_right(ordinary, ordinary.case):
        explanations &= _explanations(ordinary)
    return {position for lost in explanations for position, _ in lost}


def _explanations(nodes: Nodes) -> set[frozenset[Contribution]]:
    """Single contributions that explain the gradient, or else all of one operation to one node."""
    of_one_operation: dict[tuple[Operation, int], set[Contribution]] = {}
    for operand in _nodes_that_may_lack_something(nodes):
        for position, use in nodes.uses(operand).items():
            sent = {(position, index) for index in use.shared}
            of_one_operation.setdefault((use.operation, operand), set()).update(sent)
    groups = [frozenset(group) for group in of_one_operation.values()]
    singles = [frozenset({each}) for group in groups for each in group]
    return {lost for lost in singles if _explains(nodes, lost) and _was_sent(nodes, *lost)} or {
        lost for lost in groups if len(lost) > 1 and _explains(nodes, lost)
    }


def _nodes_that_may_lack_something(nodes: Nodes) -> list[int]:
    """The first wrong adjoint, where an operation's can be read; else all that are not right."""
    first = nodes.first_wrong_adjoint()
    if first is not None and first >= len(nodes.case.point) and nodes.is_read(first):
        return [first]
    return [
        i
        for i, node in enumerate(nodes.expression.nodes)
        if not isinstance(node, Constant) and not nodes.is_read_to_be_right(i)
    ]


def _explains(nodes: Nodes, lost: frozenset[Contribution]) -> bool:
    """Whether the engine's gradient is the true one of the graph without some contributions."""
    return _would_be_right(nodes, _cut_off(nodes, lost))


def _was_sent(nodes: Nodes, contribution: Contribution) -> bool:
    """Whether an operation had something to send: an input in the operand's place gets it.

    If not, what it had to pass on may have been lost further up.
    """
    case = _cut_off(nodes, frozenset({contribution}))
    arrives = ask(nodes.engine, case).gradient_fault(len(case.point) - 1) is None
    return arrives or nodes.is_read_to_be_right(contribution[0])


def _cut_off(nodes: Nodes, lost: frozenset[Contribution]) -> Case:
    """The case where some contributions to a node go to an input of their own."""
    position, index = min(lost)
    node = nodes.expression.nodes[position]
    assert isinstance(node, Apply)
    return with_own_input(nodes.case, lost, nodes.number(node.operands[index]))


def _would_be_right(nodes: Nodes, other: Case) -> bool:
    """Whether the engine's gradient is right for another case with the same inputs, and more."""
    adjoints = certify(other, nodes.engine.precision).adjoints
    return all(
        gradient_fault(reading.adjoint, adjoints[index], used=nodes.expression.used[index]) is None
        for index, reading in enumerate(nodes.run.readings[: len(nodes.case.point)])
    )
