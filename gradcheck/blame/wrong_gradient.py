"""Find the cause of the first wrong adjoint of a backward pass.

The adjoints of the node's users are correct. So one of them has a wrong local partial, or its
contribution was lost, or its adjoint was passed on before it was complete. Each suspicion is tested
by running the engine on small cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from gradcheck.blame.cause import Blame, Cause
from gradcheck.blame.contributions import (
    BugTest,
    forgets_upstream,
    loses_shared_contribution,
    operations_losing_contributions,
    some_are_missing,
)
from gradcheck.blame.nodes import Nodes
from gradcheck.blame.probe import ask
from gradcheck.blame.small_cases import Use, alone, an_input_alone
from gradcheck.blame.whole_engine import (
    is_true_of_all,
    merges_equal_nodes,
    seeds_more_than_the_output,
    shows_right_adjoints,
    skips_zeros,
    starts_wrong,
    wrong_in_every_chain,
    wrong_whatever_the_operation,
)
from gradcheck.comparison import gradient_kind_if_wrong
from gradcheck.engines.protocol import Engine
from gradcheck.engines.without_nodes import EngineWithoutNodes, without_nodes
from gradcheck.expression import Constant
from gradcheck.kind import Kind
from gradcheck.oracles.certificate import certify


def wrong_gradient(nodes: Nodes) -> Blame | None:
    """Return what is at fault for a wrong gradient, or ``None`` where none is wrong."""
    inputs = range(len(nodes.case.point))
    position = nodes.first_wrong_adjoint()
    if position is None and all(_is_right(nodes, i) for i in inputs):
        return None
    if starts_wrong(nodes.engine):
        return Blame(Cause.NONZERO_START)
    if position == nodes.expression.output and ask(nodes.engine, an_input_alone()).wrong_inputs:
        return Blame(Cause.WRONG_SEED, positions=(position,))
    if not shows_right_adjoints(nodes.engine):
        nodes = _without_inner_adjoints(nodes)
        position = nodes.first_wrong_adjoint()
    if position is None or not nodes.adjoints_are_known:
        any_operand, uses = True, {i: use for i, use in nodes.every_use().items() if use.shared}
    else:
        any_operand, uses = False, nodes.uses(position)
    return (
        _wrong_partial(nodes, uses, any_operand=any_operand)
        or _wrong_shares(nodes, uses)
        or _merged_nodes(nodes)
        or _all_forget_upstream(nodes, uses)
        or _wrong_as_a_whole(nodes, position, uses)
        or _suspects(Cause.FORGOTTEN_UPSTREAM, nodes.engine, uses, forgets_upstream(nodes.engine))
        or _lost_contribution(nodes, position, uses)
        or _without_some_contributions(nodes)
        or _blame(Cause.UNCLEAR, uses)
    )


def _without_inner_adjoints(nodes: Nodes) -> Nodes:
    """Return the nodes without inner adjoints, for an engine that clears them at the end."""
    run = without_nodes(nodes.case, nodes.run)
    return replace(nodes, engine=EngineWithoutNodes(nodes.engine), run=run)


def _is_right(nodes: Nodes, index: int) -> bool:
    adjoint, certified = nodes.run.readings[index].adjoint, nodes.certificate.adjoints[index]
    return (
        gradient_kind_if_wrong(adjoint, certified, used=nodes.expression.gets_gradient[index])
        is None
    )


def _blame(cause: Cause, uses: Mapping[int, Use], *, operands: Iterable[int] = ()) -> Blame:
    operations = dict.fromkeys(use.operation for use in uses.values())
    return Blame(cause, tuple(operations), tuple(operands), tuple(uses))


def _wrong_partial(nodes: Nodes, uses: Mapping[int, Use], *, any_operand: bool) -> Blame | None:
    """Blame the users that are wrong alone, with an input for each operand.

    They are wrong with respect to the marked node, or to ``any_operand`` where no node is marked.
    """
    culprits: dict[int, Use] = {}
    kinds: dict[int, Kind] = {}
    for position, use in uses.items():
        wrong = _wrong_operands(nodes.engine, use)
        if wrong if any_operand else wrong.keys() & use.shared:
            culprits[position] = use
            kinds |= wrong
    if not culprits:
        return None
    if set(kinds.values()) == {Kind.MISSING_GRADIENT}:
        return _blame(Cause.MISSING_GRADIENT, culprits)
    if seeds_more_than_the_output(nodes.engine):
        return Blame(Cause.WRONG_SEED)
    if any(nodes.number(i) == 0.0 for i in culprits) and skips_zeros(nodes.engine):
        return Blame(Cause.LOST_CONTRIBUTION, positions=tuple(culprits))
    operands, is_right_elsewhere = set(kinds), True
    for use in culprits.values():
        # At some numbers, or with constants, a second wrong partial does not show.
        ordinary = _wrong_operands(nodes.engine, Use.ordinary(use.operation))
        operands |= {*_wrong_operands(nodes.engine, use.at_ordinary_numbers()), *ordinary}
        is_right_elsewhere = is_right_elsewhere and not ordinary
    # An operation that is right elsewhere may overflow, or divide by zero, at these numbers.
    is_non_finite = is_right_elsewhere and set(kinds.values()) == {Kind.NON_FINITE}
    cause = Cause.NON_FINITE_PARTIAL if is_non_finite else Cause.WRONG_PARTIAL
    return _blame(cause, culprits, operands=sorted(operands))


def _wrong_operands(engine: Engine, use: Use) -> dict[int, Kind]:
    """Return the kinds of the wrong gradients of an operation alone, by the operand's index."""
    answer = ask(engine, alone(use))
    variable = [k for k, number in enumerate(use.operands) if not isinstance(number, Constant)]
    kinds = {variable[i]: answer.gradient_kind_if_wrong(i) for i in answer.wrong_inputs}
    return {operand: kind for operand, kind in kinds.items() if kind is not None}


def _wrong_shares(nodes: Nodes, uses: Mapping[int, Use]) -> Blame | None:
    """Blame the users that are at a tie, alone too, and divide the gradient as no side does."""
    culprits = {
        position: use
        for position, use in uses.items()
        if len(use.shared) > 1 and not _is_a_choice_of_sides(nodes.engine, use)
    }
    if not culprits:
        return None
    operands = {index for use in culprits.values() for index in use.shared}
    return _blame(Cause.WRONG_PARTIAL, culprits, operands=sorted(operands))


def _is_a_choice_of_sides(engine: Engine, use: Use) -> bool:
    """Tell whether one choice of sides explains the gradient of an operation alone."""
    case = alone(use)
    readings = ask(engine, case).readings
    gradient = [reading.adjoint or 0.0 for reading in readings]
    return not gradient or certify(case, engine.precision).allows_shares(gradient)


def _suspects(
    cause: Cause, engine: Engine, uses: Mapping[int, Use], is_true_of: BugTest
) -> Blame | None:
    """Blame the users for which a test is true, at their numbers or else at ordinary ones.

    If that finds none, constants are replaced by ordinary numbers too, as ``a*0.0`` hides a wrong
    gradient of ``a``. If the test is true of all operations, the engine as a whole is at fault.
    """
    variants: tuple[Callable[[Use], Use], ...] = (
        lambda use: use,
        Use.at_ordinary_numbers,
        Use.without_constants,
    )
    for variant in variants:
        culprits = {position: use for position, use in uses.items() if is_true_of(variant(use))}
        if culprits and is_true_of_all(engine, is_true_of):
            return Blame(cause, positions=tuple(culprits))
        if culprits:
            return _blame(cause, culprits)
    return None


def _merged_nodes(nodes: Nodes) -> Blame | None:
    """Blame merged nodes if the case has equal values and the engine treats such nodes as one."""
    numbers = [nodes.number(i) for i, is_used in enumerate(nodes.expression.used) if is_used]
    if len(set(numbers)) == len(numbers) or not merges_equal_nodes(nodes.engine):
        return None
    return Blame(Cause.MERGED_NODES)


def _all_forget_upstream(nodes: Nodes, uses: Mapping[int, Use]) -> Blame | None:
    if not is_true_of_all(nodes.engine, forgets_upstream(nodes.engine)):
        return None
    return Blame(Cause.FORGOTTEN_UPSTREAM, positions=tuple(uses))


def _wrong_as_a_whole(nodes: Nodes, position: int | None, uses: Mapping[int, Use]) -> Blame | None:
    blame = wrong_whatever_the_operation(nodes.case, nodes.engine)
    if blame is None:
        return None
    if blame.cause is Cause.LOST_CONTRIBUTION and not _may_be_lost(nodes, position):
        return Blame(Cause.UNCLEAR, positions=tuple(uses))
    return replace(blame, positions=tuple(uses))


def _lost_contribution(nodes: Nodes, position: int | None, uses: Mapping[int, Use]) -> Blame | None:
    if not _may_be_lost(nodes, position):
        return None
    return _suspects(
        Cause.LOST_CONTRIBUTION, nodes.engine, uses, loses_shared_contribution(nodes.engine)
    )


def _may_be_lost(nodes: Nodes, position: int | None) -> bool:
    if not nodes.adjoints_are_known:
        return True  # the first wrong input need not be the first wrong node
    return position is not None and some_are_missing(nodes, position)


def _without_some_contributions(nodes: Nodes) -> Blame | None:
    """Blame the operations that explain the gradient if their contributions are lost.

    A backward pass in the wrong order would have the same explanation, so it is ruled out first.
    """
    if wrong_in_every_chain(nodes.engine):
        return Blame(Cause.UNCLEAR)
    uses = nodes.every_use()
    positions = sorted(operations_losing_contributions(nodes))
    return _blame(Cause.LOST_CONTRIBUTION, {i: uses[i] for i in positions}) if positions else None
