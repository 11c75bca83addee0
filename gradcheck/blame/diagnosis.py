"""Find what is at fault in a run, from the first thing that went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from gradcheck.blame.cause import Blame, Cause
from gradcheck.blame.nodes import Nodes
from gradcheck.blame.probe import ask, plain_operations
from gradcheck.blame.small_cases import Use, alone, an_input_alone
from gradcheck.blame.whole_engine import is_true_of_all
from gradcheck.blame.wrong_gradient import wrong_gradient
from gradcheck.comparison import Comparison, value_kind_if_wrong
from gradcheck.engines.faults import Fault
from gradcheck.engines.protocol import Engine, Reading, Run
from gradcheck.engines.second_try import single_tries_after
from gradcheck.expression import Apply, Case, Constant, Expression
from gradcheck.kind import Kind
from gradcheck.oracles.certificate import Certificate, certify
from gradcheck.rewriting import with_one_operation


def blame_at(case: Case, engine: Engine, run: Run, certificate: Certificate) -> Blame | None:
    """Return what is at fault in a run, or ``None`` where every number is correct."""
    nodes = Nodes(case, engine, run, certificate)
    if run.fault is not None:
        with single_tries_after(run.fault):
            return _blame_for_stop(nodes, run.fault)
    return _wrong_value(nodes) or wrong_gradient(nodes)


def blame_an_earlier_graph(case: Case, engine: Engine, run: Run, certificate: Certificate) -> Blame:
    """Blame an earlier graph, which makes the next one on the same inputs go wrong.

    At fault are the operations that go wrong alone on used inputs, at their numbers or else at
    ordinary ones. Where none does, every operation of the case is a candidate.
    """

    def goes_wrong(use: Use) -> bool:
        return not ask(engine, alone(use), used_inputs=True).is_right

    uses = Nodes(case, engine, run, certificate).every_use()
    if not uses or is_true_of_all(engine, goes_wrong):
        return Blame(Cause.EARLIER_GRAPH)
    for ordinary in (False, True):
        culprits = {
            i: use
            for i, use in uses.items()
            if goes_wrong(use.at_ordinary_numbers() if ordinary else use)
        }
        if culprits:
            return _blame(Cause.EARLIER_GRAPH, culprits)
    return _blame(Cause.EARLIER_GRAPH, uses)


def _blame(cause: Cause, uses: Mapping[int, Use], *, error: str = "") -> Blame:
    operations = dict.fromkeys(use.operation for use in uses.values())
    return Blame(cause, tuple(operations), positions=tuple(uses), error=error)


def _wrong_value(nodes: Nodes) -> Blame | None:
    """Blame the first operation that computed a wrong value from correct ones.

    If it is correct alone, at the same numbers, another operation has changed its operand, or its
    own value after that was computed.
    """
    position = nodes.first_wrong_value()
    if position is None:
        return None
    use, uses = nodes.use_at(position), nodes.every_use()
    if use is not None and (wrong := _wrong_value_alone(nodes.engine, use)) is not None:
        ordinary = _wrong_value_alone(nodes.engine, Use.ordinary(use.operation))
        is_finite = ordinary is not None or wrong is not Kind.NON_FINITE
        cause = Cause.WRONG_VALUE if is_finite else Cause.NON_FINITE_VALUE
        return _blame(cause, {position: use})
    mutators = {i: use for i, use in uses.items() if _changes_its_operand(nodes.engine, use)}
    if mutators and not is_true_of_all(nodes.engine, partial(_changes_its_operand, nodes.engine)):
        return _blame(Cause.MUTATED_INPUT, mutators)
    if not mutators and (overwriter := _overwriter(nodes, position)) is not None:
        return _blame(Cause.MUTATED_INPUT, {overwriter: uses[overwriter]})
    if mutators or use is None:
        return Blame(Cause.MUTATED_INPUT, positions=(position,))
    return _blame(Cause.WRONG_VALUE, {i: use for i, use in uses.items() if i <= position})


def _overwriter(nodes: Nodes, position: int) -> int | None:
    """Return the operation that changes the value of a node, or of an operand of it, afterwards."""
    if not nodes.can_be_probed:
        return None
    node = nodes.expression.nodes[position]
    operands = node.operands if isinstance(node, Apply) else ()
    candidates = (i for i in (position, *operands) if i not in nodes.expression.constants)
    found = (_first_to_change(nodes, candidate) for candidate in candidates)
    return next((i for i in found if i is not None), None)


def _first_to_change(nodes: Nodes, position: int) -> int | None:
    """Return the first user of a node after which its value is wrong, and was right before.

    The forward pass is repeated up to each of them, and the node is read then.
    """

    def is_right_after(last: int) -> bool:
        # The inputs come first, and a case has numbers for all of them.
        end = max(last + 1, len(nodes.case.point))
        so_far = Expression(nodes.expression.nodes[:end], output=position)
        value = nodes.engine.value(Case(so_far, nodes.case.point))
        if isinstance(value, Fault):
            return False
        return value_kind_if_wrong(Comparison(value, nodes.certificate.values[position])) is None

    if not is_right_after(position):
        return None
    return next((i for i in nodes.uses(position) if not is_right_after(i)), None)


def _wrong_value_alone(engine: Engine, use: Use) -> Kind | None:
    """Return the kind of the value of an operation alone that is proved wrong, or ``None``."""
    case = alone(use)
    value = engine.value(case)
    if isinstance(value, Fault):
        return Kind.CRASH
    certified = certify(case, engine.precision).values[case.expression.output]
    return value_kind_if_wrong(Comparison(value, certified))


def _changes_its_operand(engine: Engine, use: Use) -> bool:
    """Tell whether an operation alone changes the value of an operand."""
    case = alone(use)
    readings = engine.run(case).readings[: len(case.point)]
    return any(
        reading.value not in (None, number)
        for reading, number in zip(readings, case.point, strict=False)
    )


def _blame_for_stop(nodes: Nodes, fault: Fault) -> Blame:
    """Blame the operations that stop the engine alone, on separate inputs or on one input.

    If none does, a wrong value may have stopped the operation that got it.
    """
    cause = _cause(fault)
    error = fault.error if cause is Cause.CRASH else ""
    engine = nodes.engine

    def stops_alike(use: Use) -> bool:
        stopped = ask(engine, alone(use)).fault
        return stopped is not None and stopped.error == fault.error

    if _stops(engine, an_input_alone()) or is_true_of_all(engine, stops_alike):
        return Blame(cause, error=error)
    uses = nodes.every_use()
    culprits = {i: use for i, use in uses.items() if _stops(engine, alone(use))} or {
        i: use
        for i, use in uses.items()
        if _uses_one_node_twice(nodes, i) and _stops(engine, alone(_doubled(use), share=True))
    }
    if len({use.operation for use in uses.values()}) > 1 or not culprits:
        pairs = [o for o in plain_operations(engine) if o.arity > 1]
        if pairs and all(_stops(engine, with_one_operation(nodes.expression, o)) for o in pairs):
            return Blame(cause, error=error)
    if culprits:
        return _blame(cause, culprits, error=error)
    if (wrong_before := _wrong_value(_without_readings(nodes))) is not None:
        return wrong_before
    if fault.position is not None:
        # After the last node, the number of the output cannot be read.
        position = min(fault.position, nodes.expression.output)
        made = nodes.use_at(position)
        culprits = {} if made is None else {position: made}
    return _blame(cause, culprits or uses, error=error)


def _without_readings(nodes: Nodes) -> Nodes:
    """Return the nodes of a run that stopped, so that their values are probed one by one."""
    hidden = (Reading(None, None),) * len(nodes.expression.nodes)
    return replace(nodes, run=replace(nodes.run, readings=hidden))


def _cause(fault: Fault) -> Cause:
    if fault.is_hang:
        return Cause.HANG
    return Cause.MEMORY if fault.is_memory else Cause.CRASH


def _stops(engine: Engine, case: Case) -> bool:
    return ask(engine, case).fault is not None


def _uses_one_node_twice(nodes: Nodes, position: int) -> bool:
    node = nodes.expression.nodes[position]
    if not isinstance(node, Apply) or len(set(node.operands)) == len(node.operands):
        return False
    return not isinstance(nodes.expression.nodes[node.operands[0]], Constant)


def _doubled(use: Use) -> Use:
    """Return the use with the first operand in place of all others."""
    arity = use.operation.arity
    return Use(use.operation, use.operands[:1] * arity, frozenset(range(arity)))
