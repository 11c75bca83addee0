"""Who is to blame for what an engine did, from the first thing that went wrong."""

from __future__ import annotations

from gradcheck.adapters.engine import Engine, Fault, Run
from gradcheck.blame.backward import wrong_gradient
from gradcheck.blame.cause import Blame, Cause
from gradcheck.blame.nodes import Nodes
from gradcheck.blame.probe import ask
from gradcheck.blame.shapes import Use, alone, an_input_alone
from gradcheck.blame.surgery import made_of
from gradcheck.expression import Apply, Case, Input
from gradcheck.oracles.certificate import Certificate


def blame_at(case: Case, engine: Engine, run: Run, certificate: Certificate) -> Blame | None:
    """What is at fault in a run, or ``None`` where every number is right."""
    nodes = Nodes(case, engine, run, certificate)
    if run.fault is not None:
        return _stopped(nodes, run.fault)
    return _wrong_value(nodes) or wrong_gradient(nodes)


def blame_an_earlier_graph(engine: Engine) -> Blame:
    """Which operation leaves something behind for the next graph on the same inputs."""
    operations = sorted(engine.operations, key=lambda o: o.name)
    wrong = [o for o in operations if ask(engine, alone(Use.ordinary(o)), again=True).wrong_inputs]
    return Blame(Cause.EARLIER_GRAPH, () if wrong == operations else tuple(wrong))


def _wrong_value(nodes: Nodes) -> Blame | None:
    """The first operation that made a wrong value out of right ones."""
    position = nodes.first_wrong_value()
    if position is None:
        return None
    node = nodes.expression.nodes[position]
    if isinstance(node, Apply):
        return Blame(Cause.WRONG_VALUE, (node.operation,), positions=(position,))
    assert isinstance(node, Input)
    return Blame(Cause.MUTATED_INPUT, positions=(position,))


def _stopped(nodes: Nodes, fault: Fault) -> Blame:
    """The operation that stops alone, or twice on one operand, at the numbers that it had."""
    cause = Cause.HANG if fault.is_hang else Cause.CRASH
    error = "" if fault.is_hang else fault.error
    engine = nodes.engine
    if _stops(engine, an_input_alone()):
        return Blame(cause, error=error)
    uses = nodes.every_use()
    culprits = {i: use for i, use in uses.items() if _stops(engine, alone(use))} or {
        i: use
        for i, use in uses.items()
        if _uses_one_node_twice(nodes, i) and _stops(engine, alone(_doubled(use), share=True))
    }
    if len({use.operation for use in uses.values()}) > 1 or not culprits:
        pairs = [o for o in engine.operations if o.arity > 1]
        if pairs and all(_stops(engine, made_of(nodes.expression, o)) for o in pairs):
            return Blame(cause, error=error)
    if not culprits and fault.position is not None and fault.position in uses:
        culprits = {fault.position: uses[fault.position]}
    blamed = culprits or uses
    operations = dict.fromkeys(use.operation for use in blamed.values())
    return Blame(cause, tuple(operations), positions=tuple(blamed), error=error)


def _stops(engine: Engine, case: Case) -> bool:
    return ask(engine, case).stopped is not None


def _uses_one_node_twice(nodes: Nodes, position: int) -> bool:
    node = nodes.expression.nodes[position]
    return isinstance(node, Apply) and len(set(node.operands)) < len(node.operands)


def _doubled(use: Use) -> Use:
    """The same with the first operand in place of all others."""
    arity = use.operation.arity
    return Use(use.operation, use.operands[:1] * arity, frozenset(range(arity)))
