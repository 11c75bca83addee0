"""Find contributions that an operation loses, or does not multiply by the upstream gradient.

A contribution is lost if the engine's gradient is the true one without it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace

from gradcheck.blame.nodes import Nodes
from gradcheck.blame.probe import ask, plain_operations
from gradcheck.blame.small_cases import Use, alone, together, under
from gradcheck.comparison import Comparison, gradient_kind_if_wrong
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Apply, Case, Constant
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import certify
from gradcheck.rewriting import at_ordinary_numbers, ordinary_number, with_own_input

Contribution = tuple[int, int]
"""The position of an operation and the index of the operand that it contributes to."""

_MAX_USES = 8
"""The most uses of a node for which every subset of them is tried."""

_MAX_WORK = 200_000
"""The most evaluations of nodes for that: each subset takes the whole graph."""


def some_are_missing(nodes: Nodes, position: int) -> bool:
    """Tell whether the engine's adjoint of a node is the true one without some contributions.

    At the numbers of the case, this may be so by chance. So it is tried at ordinary numbers too, if
    the same node is the first wrong one there.
    """
    ordinary = _at_ordinary_numbers(nodes)
    if ordinary is None or ordinary.first_wrong_adjoint() != position:
        return _some_are_missing(nodes, position)
    return _some_are_missing(nodes, position) and _some_are_missing(ordinary, position)


def _at_ordinary_numbers(nodes: Nodes) -> Nodes | None:
    """Return the same expression at ordinary numbers, unless the engine stops there."""
    case = at_ordinary_numbers(nodes.expression)
    run = nodes.engine.run(case)
    if run.fault is not None:
        return None
    return Nodes(case, nodes.engine, run, certify(case, nodes.engine.precision))


def _some_are_missing(nodes: Nodes, position: int) -> bool:
    """Tell whether it is so at one point; yes if there are too many subsets to try."""
    edges = [(i, index) for i, use in nodes.uses(position).items() for index in use.shared]
    choices = 2 ** len(edges)
    if len(edges) > _MAX_USES or choices * len(nodes.expression.nodes) > _MAX_WORK:
        return True
    adjoint = nodes.adjoint(position) or 0.0
    subsets = (itertools.combinations(edges, count) for count in range(len(edges)))
    kept = itertools.chain.from_iterable(subsets)
    return any(_sum_is(nodes, position, subset, adjoint) for subset in kept)


def _sum_is(nodes: Nodes, position: int, kept: tuple[Contribution, ...], adjoint: float) -> bool:
    """Tell whether the contributions that are kept add up to an adjoint."""
    if not kept:
        return adjoint == 0.0
    other = with_own_input(nodes.case, kept, nodes.number(position))
    adjoints = certify(other, nodes.engine.precision).adjoints
    return Comparison(adjoint, adjoints[len(nodes.case.point)]).agrees is True


def operations_losing_contributions(nodes: Nodes) -> set[int]:
    """Return the operations whose contributions, if lost, explain the gradient.

    At the numbers of the case, an explanation may fit by chance. So it has to fit at ordinary ones
    too.
    """
    if not nodes.can_be_probed:
        return set()
    explanations = _explanations(nodes)
    ordinary = _at_ordinary_numbers(nodes) if explanations else None
    if ordinary is not None and not _would_be_right(ordinary, ordinary.case):
        explanations &= _explanations(ordinary)
    return {position for lost in explanations for position, _ in lost}


def _explanations(nodes: Nodes) -> set[frozenset[Contribution]]:
    """Return single contributions that explain the gradient, or else groups of one operation."""
    of_one_operation: dict[tuple[Operation, int], set[Contribution]] = {}
    for operand in _nodes_that_may_lack_something(nodes):
        for position, use in nodes.uses(operand).items():
            edges = {(position, index) for index in use.shared}
            of_one_operation.setdefault((use.operation, operand), set()).update(edges)
    groups = [frozenset(group) for group in of_one_operation.values()]
    singles = [frozenset({each}) for group in groups for each in group]
    return {lost for lost in singles if _explains(nodes, lost) and _arrives(nodes, *lost)} or {
        lost for lost in groups if len(lost) > 1 and _explains(nodes, lost)
    }


def _nodes_that_may_lack_something(nodes: Nodes) -> list[int]:
    """Return the first wrong node if the engine shows its adjoint, else all that may be wrong."""
    first = nodes.first_wrong_adjoint()
    if first is not None and first >= len(nodes.case.point) and nodes.shows_adjoint(first):
        return [first]
    return [
        i
        for i, node in enumerate(nodes.expression.nodes)
        if not isinstance(node, Constant) and not nodes.shows_right_adjoint(i)
    ]


def _explains(nodes: Nodes, lost: frozenset[Contribution]) -> bool:
    """Tell whether the engine's gradient is the true one without some contributions."""
    return _would_be_right(nodes, _cut_off(nodes, lost))


def _arrives(nodes: Nodes, contribution: Contribution) -> bool:
    """Tell whether a contribution arrives at an input in the operand's place.

    If it does not, the operation's own upstream gradient may have been lost.
    """
    case = _cut_off(nodes, frozenset({contribution}))
    arrives = ask(nodes.engine, case).gradient_kind_if_wrong(len(case.point) - 1) is None
    return arrives or nodes.shows_right_adjoint(contribution[0])


def _cut_off(nodes: Nodes, lost: frozenset[Contribution]) -> Case:
    """Return the case where some contributions to a node go to a separate input."""
    position, index = min(lost)
    node = nodes.expression.nodes[position]
    assert isinstance(node, Apply)
    return with_own_input(nodes.case, lost, nodes.number(node.operands[index]))


def _would_be_right(nodes: Nodes, other: Case) -> bool:
    """Tell whether the engine's gradient would be correct for another case, with more inputs."""
    adjoints = certify(other, nodes.engine.precision).adjoints
    return all(
        gradient_kind_if_wrong(
            reading.adjoint, adjoints[index], used=nodes.expression.gets_gradient[index]
        )
        is None
        for index, reading in enumerate(nodes.run.readings[: len(nodes.case.point)])
    )


BugTest = Callable[[Use], bool]
"""A function that tells whether an operation has a certain bug."""


def forgets_upstream(engine: Engine) -> BugTest:
    """Return a test for an operation that does not multiply by its upstream gradient.

    It is correct alone. As an operand of another operation, which is correct alone too, it gives
    the same gradient as alone.
    """

    def forgets(use: Use) -> bool:
        by_itself = alone(use)
        certificate = certify(by_itself, engine.precision)
        value = Comparison(None, certificate.values[by_itself.expression.output]).true
        if not (ask(engine, by_itself).is_right and math.isfinite(value)):
            return False
        for operation in _combining_operations(engine):
            others = [ordinary_number(index) for index in range(1, operation.arity)]
            above = Use(operation, (value, *others))
            answer = ask(engine, under(use, above))
            wrong = [index for index in answer.wrong_inputs if index < len(by_itself.point)]
            if wrong and ask(engine, alone(above)).is_right:
                local = [
                    Comparison(answer.readings[i].adjoint, certificate.adjoints[i]) for i in wrong
                ]
                return all(comparison.agrees for comparison in local)
        return False

    return forgets


def loses_shared_contribution(engine: Engine) -> BugTest:
    """Return a test for an operation that is wrong twice on one node and correct on two nodes."""

    def is_right(use: Use, combined_by: Operation, *, share: bool) -> bool:
        case = together([use, use], share=share, combined_by=combined_by)
        return ask(engine, case).is_right

    def loses(use: Use) -> bool:
        if not ask(engine, alone(use)).is_right:
            return False
        if len(use.shared) > 1:
            each = [replace(use, shared=frozenset({index})) for index in sorted(use.shared)]
            return not ask(engine, alone(use, share=True)).is_right or any(map(loses, each))
        for operation in _combining_operations(engine):
            if operation.arity > 1 and is_right(use, operation, share=False):
                return not is_right(use, operation, share=True)
        return False

    return loses


def _combining_operations(engine: Engine) -> list[Operation]:
    """Return the operations to combine others with, those with most operands first."""
    return sorted(plain_operations(engine), key=lambda o: (-o.arity, o.name != "*", o.name))
