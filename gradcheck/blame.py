"""Which operation is at fault, from the engine's own numbers at every node.

Where these do not tell, the operations in question are probed: the engine is given small
expressions of them alone, at the numbers that they had.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gradcheck.adapters.engine import Engine, Run
from gradcheck.expression import Apply, Case, Constant, Expression, Input, Node
from gradcheck.kind import Kind
from gradcheck.operations import OPERATIONS, Operation
from gradcheck.oracles.certificate import Certificate, certify
from gradcheck.witness import Witness


@dataclass(frozen=True, slots=True)
class Blame:
    """What is at fault: a kind, a reason in words, and operations, several where it is not certain.

    ``kind`` is that of the operation alone: an imprecise one can make a gradient plainly wrong.
    ``positions`` are the nodes concerned. There are no operations where an input, the order of the
    backward pass or an error is to blame; ``what`` then names it in a word.
    """

    kind: Kind
    reason: str
    operations: tuple[Operation, ...] = ()
    positions: tuple[int, ...] = ()
    what: str = ""

    @property
    def sentence(self) -> str:
        """The reason, and the operations that it is about."""
        if not self.operations:
            return self.reason
        return f"{self.reason}, of {' or '.join(operation.name for operation in self.operations)}"

    @property
    def signature(self) -> str:
        """The kind and what is to blame, as it may stand in a file name."""
        if not self.operations:
            return f"{self.kind.value}-{self.what}" if self.what else self.kind.value
        words = sorted(operation.word for operation in self.operations)
        return f"{self.kind.value}-of-{'-or-'.join(words)}"


def blame_at(case: Case, engine: Engine, run: Run, certificate: Certificate) -> Blame | None:
    """What is at fault in a run, or ``None`` where every number that can be read is right."""
    if run.fault is not None:
        reason = f"the {run.fault.stage} pass raised {run.fault}"
        return Blame(Kind.CRASH, reason, what=run.fault.error)
    return _forward(case, run, certificate) or _backward(case, engine, run, certificate)


def _forward(case: Case, run: Run, certificate: Certificate) -> Blame | None:
    """The first operation that made a wrong value out of right ones."""
    for position, node in enumerate(case.expression.nodes):
        value = Witness(run.readings[position].value, certificate.values[position])
        fault = value.fault(wrong=Kind.WRONG_VALUE, imprecise=Kind.IMPRECISE_VALUE)
        if fault is None or not case.expression.used[position]:
            continue
        if isinstance(node, Apply):
            return Blame(fault, "the value is wrong", (node.operation,), (position,))
        if isinstance(node, Input):
            reason = f"the input {node.name} was changed"
            return Blame(Kind.MUTATED_INPUT, reason, positions=(position,))
    return None


def _backward(case: Case, engine: Engine, run: Run, certificate: Certificate) -> Blame | None:
    """What the first wrong adjoint, from the output on, comes of.

    The adjoints of its consumers are right, so one of them has a wrong local partial, or its
    contribution was lost, or it was passed on before it was complete.
    """
    for position in range(case.expression.output, -1, -1):
        adjoint = Witness(run.readings[position].adjoint, certificate.adjoints[position])
        fault = adjoint.fault(wrong=Kind.WRONG_GRADIENT, imprecise=Kind.IMPRECISE_GRADIENT)
        if fault is None or not case.expression.used[position]:
            continue
        if position == case.expression.output:
            reason = "the output's own gradient is not 1"
            return Blame(fault, reason, positions=(position,), what="output")
        consumers = _consumers(case.expression, position)
        return (
            _wrong_partial(case, engine, run, consumers)
            or _lost_contribution(case, engine, run, position, consumers)
            or Blame(
                Kind.WRONG_GRADIENT,
                "an adjoint is passed on before it is complete",
                positions=(position, *consumers),
                what="order",
            )
        )
    return None


def _consumers(expression: Expression, position: int) -> dict[int, Apply]:
    """The operations that use a node and that the output depends on, by position."""
    return {
        i: node
        for i, node in enumerate(expression.nodes)
        if isinstance(node, Apply) and position in node.operands and expression.used[i]
    }


def _wrong_partial(
    case: Case, engine: Engine, run: Run, consumers: dict[int, Apply]
) -> Blame | None:
    """The consumers that are wrong alone, with a separate input for each operand."""
    faults = {
        position: fault
        for position, node in consumers.items()
        if (fault := _fault_alone(case, engine, run, [node], shared=None)) is not None
    }
    if not faults:
        return None
    operations = dict.fromkeys(consumers[position].operation for position in faults)
    kind = min(faults.values(), key=lambda kind: kind.gravity)
    return Blame(kind, "the local partial is wrong", tuple(operations), tuple(faults))


def _lost_contribution(
    case: Case, engine: Engine, run: Run, position: int, consumers: dict[int, Apply]
) -> Blame | None:
    """The consumers whose contributions do not add up, though each of them is right alone.

    Each is tried with itself first: ``x*x`` where it uses the node twice, else a sum of two uses.
    """
    culprits = {}
    for i, node in consumers.items():
        twice = [node] if node.operands.count(position) > 1 else [node, node]
        if _fault_alone(case, engine, run, twice, shared=position) is not None:
            culprits[i] = node
    if not culprits:
        if _fault_alone(case, engine, run, [*consumers.values()], shared=position) is None:
            return None
        culprits = consumers
    operations = dict.fromkeys(node.operation for node in culprits.values())
    return Blame(Kind.WRONG_GRADIENT, "a contribution is lost", tuple(operations), tuple(culprits))


def _fault_alone(
    case: Case, engine: Engine, run: Run, uses: Sequence[Apply], *, shared: int | None
) -> Kind | None:
    """What is wrong with the sum of some operations, alone, at the operands that they had.

    ``shared`` is the node whose gradient is looked at, one input in all of them; without it, every
    operand is an input of its own and every gradient is looked at.
    """
    probe = _probe(case, run, uses, shared)
    if probe is None:
        return None
    answer, certificate = engine.run(probe), certify(probe)
    if answer.fault is not None:
        return Kind.CRASH
    looked_at = range(len(probe.point)) if shared is None else range(1)
    faults = [
        Witness(answer.readings[i].adjoint, certificate.adjoints[i]).fault(
            wrong=Kind.WRONG_GRADIENT, imprecise=Kind.IMPRECISE_GRADIENT
        )
        for i in looked_at
    ]
    return min(filter(None, faults), key=lambda kind: kind.gravity, default=None)


def _probe(case: Case, run: Run, uses: Sequence[Apply], shared: int | None) -> Case | None:
    """The sum of some operations at the operands that they had; ``None`` where one was no number.

    Constants stay constants, on the side where they stood.
    """
    original = case.expression.nodes
    kept = [] if shared is None else [shared]
    separate = [
        i
        for use in uses
        for i in use.operands
        if i != shared and not isinstance(original[i], Constant)
    ]
    point = [run.readings[i].value for i in (*kept, *separate)]
    if not all(number is not None and math.isfinite(number) for number in point):
        return None
    nodes: list[Node] = [Input(f"x{number}") for number in range(len(point))]
    next_input = iter(range(len(kept), len(point)))
    results: list[int] = []
    for use in uses:
        positions: list[int] = []
        for i in use.operands:
            if isinstance(original[i], Constant):
                nodes.append(original[i])
                positions.append(len(nodes) - 1)
            else:
                positions.append(0 if i == shared else next(next_input))
        nodes.append(Apply(use.operation, tuple(positions)))
        results.append(len(nodes) - 1)
    total = results[0]
    for result in results[1:]:
        nodes.append(Apply(OPERATIONS["+"], (total, result)))
        total = len(nodes) - 1
    return Case(Expression(tuple(nodes)), tuple(number or 0.0 for number in point))
