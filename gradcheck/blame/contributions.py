"""Contributions to a node that are lost, and contributions that forget the adjoint from above."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from gradcheck.adapters.engine import Engine
from gradcheck.blame.nodes import Nodes
from gradcheck.blame.probe import ask, plain_operations
from gradcheck.blame.shapes import Use, alone, ordinary_number, together, under
from gradcheck.blame.surgery import at_ordinary_numbers, with_own_input
from gradcheck.expression import Apply, Case, Constant
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import certify
from gradcheck.witness import Witness, gradient_fault

Suspicion = Callable[[Use], bool]

Edge = tuple[int, int]
"""A contribution: the operation that sends it, and the number of the operand that gets it."""

_MOST_USES = 8
"""Uses of a node up to which every choice of them is tried."""

_MOST_WORK = 200_000
"""Evaluations of a node up to which they are: each choice takes the whole graph."""


def forgets_upstream(engine: Engine) -> Suspicion:
    """Whether an operation alone is right, and sends the same under another one, right alone too.

    The number has to fit: what is wrong there is what would be right if nothing was above.
    """

    def forgets(use: Use) -> bool:
        by_itself = alone(use)
        certificate = certify(by_itself, engine.precision)
        value = Witness(None, certificate.values[by_itself.expression.output]).true
        if not (ask(engine, by_itself).is_right and math.isfinite(value)):
            return False
        for operation in _carriers(engine):
            others = [ordinary_number(index) for index in range(1, operation.arity)]
            above = Use(operation, (value, *others))
            answer = ask(engine, under(use, above))
            wrong = [index for index in answer.wrong_inputs if index < len(by_itself.point)]
            if wrong and ask(engine, alone(above)).is_right:
                local = [
                    Witness(answer.readings[i].adjoint, certificate.adjoints[i]) for i in wrong
                ]
                return all(witness.agrees for witness in local)
        return False

    return forgets


def loses_its_own(engine: Engine) -> Suspicion:
    """Whether two contributions of an operation to one node are wrong, and to two are right."""

    def loses(use: Use) -> bool:
        if not ask(engine, alone(use)).is_right:
            return False
        if len(use.shared) > 1:
            each = [replace(use, shared=frozenset({index})) for index in sorted(use.shared)]
            return not ask(engine, alone(use, share=True)).is_right or any(map(loses, each))
        for carrier in _carriers(engine):
            if (
                carrier.arity > 1
                and ask(engine, together([use, use], share=False, carrier=carrier)).is_right
            ):
                return not ask(engine, together([use, use], share=True, carrier=carrier)).is_right
        return False

    return loses


def _carriers(engine: Engine) -> list[Operation]:
    """The operations that something can be put under, those with two operands first."""
    return sorted(plain_operations(engine), key=lambda o: (-o.arity, o.name != "*", o.name))


def some_are_missing(nodes: Nodes, position: int) -> bool:
    """Whether the adjoint of a node is what it would be without some of its contributions.

    What fits by chance, at the numbers of the case, does not at ordinary ones, if the same node is
    the first that is wrong there.
    """
    elsewhere = _at_ordinary_numbers(nodes)
    if elsewhere is None or elsewhere.first_wrong_adjoint() != position:
        return _some_are_missing(nodes, position)
    return _some_are_missing(nodes, position) and _some_are_missing(elsewhere, position)


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


def _fewer(edges: list[Edge]) -> Iterator[tuple[Edge, ...]]:
    for count in range(len(edges)):
        yield from itertools.combinations(edges, count)


def _sum_is(nodes: Nodes, position: int, kept: tuple[Edge, ...], adjoint: float) -> bool:
    """Whether the contributions of some uses of a node add up to an adjoint."""
    if not kept:
        return adjoint == 0.0
    other = with_own_input(nodes.case, kept, nodes.number(position))
    adjoints = certify(other, nodes.engine.precision).adjoints
    return Witness(adjoint, adjoints[len(nodes.case.point)]).agrees is True


def lost_contributions(nodes: Nodes) -> set[Edge]:
    """The operands each of which explains the gradient if it got nothing.

    Where there is none, those that do together, of one operation and one node. What explains the
    gradient by chance, at the numbers of the case, does not at ordinary ones.
    """
    if not nodes.can_be_probed:
        return set()
    lost = _explanations(nodes)
    elsewhere = _at_ordinary_numbers(nodes) if lost else None
    if elsewhere is not None and not _would_be_right(elsewhere, elsewhere.case):
        lost &= _explanations(elsewhere)
    return {edge for edges in lost for edge in edges}


def _explanations(nodes: Nodes) -> set[frozenset[Edge]]:
    together: dict[tuple[Operation, int], set[Edge]] = {}
    for operand in _nodes_that_may_lack_something(nodes):
        for position, use in nodes.uses(operand).items():
            edges = {(position, index) for index in use.shared}
            together.setdefault((use.operation, operand), set()).update(edges)
    alone = {frozenset({edge}) for edges in together.values() for edge in edges}
    return {lost for lost in alone if _explains(nodes, lost) and _was_sent(nodes, *lost)} or {
        lost
        for lost in map(frozenset, together.values())
        if len(lost) > 1 and _explains(nodes, lost)
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


def _explains(nodes: Nodes, lost: frozenset[Edge]) -> bool:
    """Whether the engine's gradient is the true one of the graph without some contributions."""
    return _would_be_right(nodes, _elsewhere(nodes, lost))


def _was_sent(nodes: Nodes, contribution: Edge) -> bool:
    """Whether an operation had something to send: an input in the operand's place gets it.

    If not, what it had to pass on may have been lost further up.
    """
    case = _elsewhere(nodes, frozenset({contribution}))
    arrives = ask(nodes.engine, case).gradient_fault(len(case.point) - 1) is None
    return arrives or nodes.is_read_to_be_right(contribution[0])


def _elsewhere(nodes: Nodes, uses: frozenset[Edge]) -> Case:
    """The case where the contributions of some uses of a node go to an input of their own."""
    position, index = min(uses)
    node = nodes.expression.nodes[position]
    assert isinstance(node, Apply)
    return with_own_input(nodes.case, uses, nodes.number(node.operands[index]))


def _would_be_right(nodes: Nodes, other: Case) -> bool:
    """Whether the engine's gradient is right for another case with the same inputs, and more."""
    adjoints = certify(other, nodes.engine.precision).adjoints
    return all(
        gradient_fault(reading.adjoint, adjoints[index], used=nodes.expression.used[index]) is None
        for index, reading in enumerate(nodes.run.readings[: len(nodes.case.point)])
    )
