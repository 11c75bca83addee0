"""Which operation is at fault, from the engine's own numbers at every node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradcheck.adapters.engine import Run
from gradcheck.expression import Apply, Case, Input
from gradcheck.oracles.certificate import Certificate
from gradcheck.witness import Witness


@dataclass(frozen=True, slots=True)
class Blame:
    """The operations that may be at fault; more than one where the numbers do not tell.

    ``positions`` are their nodes, ``reason`` says what is wrong. There are no operations where an
    input, the output's own gradient or an error is to blame.
    """

    operations: tuple[str, ...]
    positions: tuple[int, ...]
    reason: str

    @property
    def sentence(self) -> str:
        """The reason, and the operations that it is about."""
        return (
            f"{self.reason}, of {' or '.join(self.operations)}" if self.operations else self.reason
        )


def blame_forward(case: Case, run: Run, certificate: Certificate) -> Blame | None:
    """The first operation with a wrong value out of right ones, or ``None``."""
    for position, node in enumerate(case.expression.nodes):
        if not case.expression.used[position]:
            continue
        value = Witness(run.readings[position].value, certificate.values[position])
        if value.agrees is False:
            if isinstance(node, Input):
                return Blame((), (position,), f"the input {node.name} was changed")
            if isinstance(node, Apply):
                return Blame((node.operation.name,), (position,), "the value is wrong")
    return None


def blame_backward(case: Case, run: Run, certificate: Certificate) -> Blame | None:
    """The operations that sent a wrong adjoint back though theirs was right, or ``None``.

    It is looked for from the output on: the first wrong adjoint has none that is wrong above it, so
    what came from its consumers is to blame. Their adjoints being right, that is a local partial,
    a lost contribution, or an order in which one was passed on before it was complete.
    """
    expression = case.expression
    consumers = _consumers(case)
    for position in range(expression.output, -1, -1):
        if not expression.used[position]:
            continue
        adjoint = Witness(run.readings[position].adjoint, certificate.adjoints[position])
        if adjoint.agrees is not False:
            continue
        if position == expression.output:
            return Blame((), (position,), "the output's own gradient is not 1")
        positions = consumers[position]
        names = dict.fromkeys(_operation_name(case, i) for i in positions)
        several = "a contribution or a local partial is wrong"
        reason = several if len(positions) > 1 else "the local partial is wrong"
        return Blame(tuple(names), tuple(dict.fromkeys(positions)), reason)
    return None


def _consumers(case: Case) -> Sequence[list[int]]:
    """For each node the used nodes that use it, once for each use."""
    consumers: list[list[int]] = [[] for _ in case.expression.nodes]
    for position, node in enumerate(case.expression.nodes):
        if isinstance(node, Apply) and case.expression.used[position]:
            for operand in node.operands:
                consumers[operand].append(position)
    return consumers


def _operation_name(case: Case, position: int) -> str:
    node = case.expression.nodes[position]
    assert isinstance(node, Apply)
    return node.operation.name
