"""What the first wrong adjoint of a backward pass comes of.

The adjoints of the node's users are right, so one of them has a wrong local partial, or its
contribution was lost, or it was passed on before it was complete. Each suspicion is put to the
engine as a small case of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from gradcheck.adapters.engine import Engine
from gradcheck.blame.cause import Blame, Cause
from gradcheck.blame.nodes import Nodes
from gradcheck.blame.probe import ask
from gradcheck.blame.shapes import Use, alone, ordinary_number, together, under
from gradcheck.blame.surgery import at_ordinary_numbers, with_own_input
from gradcheck.blame.whole import (
    merges_equal_nodes,
    seeds_more_than_the_output,
    starts_wrong,
    wrong_whatever_the_operation,
)
from gradcheck.expression import Apply, Case, Constant
from gradcheck.kind import Kind
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import certify
from gradcheck.witness import Witness, gradient_fault


def wrong_gradient(nodes: Nodes) -> Blame | None:
    """Who is to blame for a gradient, or ``None`` where none is wrong."""
    inputs = range(len(nodes.case.point))
    position = nodes.first_wrong_adjoint()
    if position is None and all(_is_right(nodes, i) for i in inputs):
        return None
    if starts_wrong(nodes.engine):
        return Blame(Cause.NONZERO_START)
    if position == nodes.expression.output:
        return Blame(Cause.WRONG_SEED, positions=(position,))
    uses = nodes.every_use() if position is None else nodes.uses(position)
    return (
        _wrong_partial(nodes, uses)
        or _merged_nodes(nodes)
        or _wrong_as_a_whole(nodes, uses)
        or _suspects(Cause.FORGOTTEN_UPSTREAM, uses, _forgets_upstream(nodes.engine))
        or _suspects(Cause.LOST_CONTRIBUTION, uses, _loses_its_own(nodes.engine))
        or _without_one_contribution(nodes)
        or _blame(Cause.UNCLEAR, uses)
    )


def _is_right(nodes: Nodes, index: int) -> bool:
    adjoint, certified = nodes.run.readings[index].adjoint, nodes.certificate.adjoints[index]
    return gradient_fault(adjoint, certified, used=nodes.expression.used[index]) is None


def _blame(cause: Cause, uses: Mapping[int, Use], *, operands: Iterable[int] = ()) -> Blame:
    operations = dict.fromkeys(use.operation for use in uses.values())
    return Blame(cause, tuple(operations), tuple(operands), tuple(uses))


def _wrong_partial(nodes: Nodes, uses: Mapping[int, Use]) -> Blame | None:
    """The users that are wrong alone, with an input for each operand."""
    culprits: dict[int, Use] = {}
    faults: dict[int, Kind] = {}
    for position, use in uses.items():
        wrong = _wrong_operands(nodes.engine, use)
        if wrong.keys() & use.shared:
            culprits[position] = use
            faults |= wrong
    if not culprits:
        return None
    if seeds_more_than_the_output(nodes.engine):
        return Blame(Cause.WRONG_SEED)
    if set(faults.values()) == {Kind.MISSING_GRADIENT}:
        return _blame(Cause.MISSING_GRADIENT, culprits)
    for use in culprits.values():
        # Some numbers, and constants, hide that the partial by another operand is wrong too.
        for elsewhere in (use.at_ordinary_numbers(), Use.ordinary(use.operation)):
            faults |= _wrong_operands(nodes.engine, elsewhere)
    return _blame(Cause.WRONG_PARTIAL, culprits, operands=sorted(faults))


def _wrong_operands(engine: Engine, use: Use) -> dict[int, Kind]:
    """What is wrong with the gradient by each operand of an operation alone, by its number."""
    answer = ask(engine, alone(use))
    variable = [k for k, number in enumerate(use.operands) if not isinstance(number, Constant)]
    faults = {variable[i]: answer.gradient_fault(i) for i in answer.wrong_inputs}
    return {operand: fault for operand, fault in faults.items() if fault is not None}


Suspicion = Callable[[Use], bool]


def _suspects(cause: Cause, uses: Mapping[int, Use], is_true_of: Suspicion) -> Blame | None:
    """The users of which a suspicion is true, at the numbers they had or else at ordinary ones."""
    for ordinary in (False, True):
        culprits = {
            position: use
            for position, use in uses.items()
            if is_true_of(use.at_ordinary_numbers() if ordinary else use)
        }
        if culprits:
            return _blame(cause, culprits)
    return None


def _forgets_upstream(engine: Engine) -> Suspicion:
    def forgets(use: Use) -> bool:
        """Whether the operation is right alone, and wrong under one that is right alone too."""
        by_itself = alone(use)
        if not ask(engine, by_itself).is_right:
            return False
        value = Witness(None, certify(by_itself).values[by_itself.expression.output]).true
        if not math.isfinite(value):
            return False
        for operation in _carriers(engine):
            others = [ordinary_number(index) for index in range(1, operation.arity)]
            above = Use(operation, (value, *others))
            if ask(engine, alone(above)).is_right and any(
                index < len(by_itself.point)
                for index in ask(engine, under(use, above)).wrong_inputs
            ):
                return True
        return False

    return forgets


def _loses_its_own(engine: Engine) -> Suspicion:
    def loses(use: Use) -> bool:
        """Whether two contributions of the operation to one node are wrong, to two are right."""
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
    return sorted(engine.operations, key=lambda o: (-o.arity, o.name != "*", o.name))


def _wrong_as_a_whole(nodes: Nodes, uses: Mapping[int, Use]) -> Blame | None:
    blame = wrong_whatever_the_operation(nodes.case, nodes.engine)
    return blame and replace(blame, positions=tuple(uses))


def _merged_nodes(nodes: Nodes) -> Blame | None:
    """Nodes with equal values, constants among them, in an engine that takes such nodes for one."""
    numbers = [nodes.number(i) for i, is_used in enumerate(nodes.expression.used) if is_used]
    if len(set(numbers)) == len(numbers) or not merges_equal_nodes(nodes.engine):
        return None
    return Blame(Cause.MERGED_NODES)


def _without_one_contribution(nodes: Nodes) -> Blame | None:
    """The operations each of which would explain the gradient if one contribution were lost.

    What explains it by chance, at the numbers of the case, does not at ordinary ones.
    """
    if not nodes.can_be_probed:
        return None
    edges = _explanations(nodes)
    ordinary = at_ordinary_numbers(nodes.expression)
    run = nodes.engine.run(ordinary)
    if edges and run.fault is None:
        elsewhere = Nodes(ordinary, nodes.engine, run, certify(ordinary))
        if not _would_be_right(elsewhere, ordinary):
            edges &= _explanations(elsewhere)
    uses = nodes.every_use()
    return (
        _blame(Cause.LOST_CONTRIBUTION, {i: uses[i] for i, _ in sorted(edges)}) if edges else None
    )


def _explanations(nodes: Nodes) -> set[tuple[int, int]]:
    """The operands, by node and number, to which a lost contribution explains the gradient."""
    expression = nodes.expression
    return {
        (position, index)
        for position, node in enumerate(expression.nodes)
        if isinstance(node, Apply) and expression.used[position]
        for index, operand in enumerate(node.operands)
        if not isinstance(expression.nodes[operand], Constant)
        and not nodes.is_read_to_be_right(operand)
        and _would_be_right(
            nodes, with_own_input(nodes.case, {(position, index)}, nodes.number(operand))
        )
    }


def _would_be_right(nodes: Nodes, other: Case) -> bool:
    """Whether the engine's gradient is right for another case with the same inputs, and more."""
    adjoints = certify(other).adjoints
    return all(
        gradient_fault(reading.adjoint, adjoints[index], used=nodes.expression.used[index]) is None
        for index, reading in enumerate(nodes.run.readings[: len(nodes.case.point)])
    )
