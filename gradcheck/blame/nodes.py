"""Which nodes of a case are wrong: read off the engine, or probed where nothing can be read."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from gradcheck.blame.probe import ask
from gradcheck.blame.small_cases import Use, an_input_alone
from gradcheck.comparison import Comparison, gradient_fault, value_fault
from gradcheck.engines.faults import Fault
from gradcheck.engines.protocol import Engine, Run
from gradcheck.expression import Apply, Case, Constant, Expression, Input
from gradcheck.kind import Kind
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import Certificate
from gradcheck.rewriting import up_to, with_own_input

MOST_NODES_TO_PROBE = 60
"""Nodes that cannot be read are probed one by one, and each probe takes the whole graph."""

MOST_USES_TO_ASK = 100
"""Uses of one operation that are put to the engine one by one, each a small graph of its own."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """A case that an engine got wrong, node by node."""

    case: Case
    engine: Engine
    run: Run
    certificate: Certificate

    @property
    def expression(self) -> Expression:
        return self.case.expression

    @property
    def can_be_probed(self) -> bool:
        """Whether the graph is small enough to take every node by itself."""
        return len(self.expression.nodes) <= MOST_NODES_TO_PROBE

    @property
    def can_be_seen(self) -> bool:
        """Whether the adjoints of the operations can be read or probed."""
        inner = self.run.readings[len(self.case.point) :]
        return self.can_be_probed or any(reading.adjoint is not None for reading in inner)

    def value_fault(self, position: int) -> Kind | None:
        """What is proved against the value of a node."""
        certified = self.certificate.values[position]
        returned = self.run.readings[position].value
        if returned is not None:
            return value_fault(Comparison(returned, certified))
        if not self.can_be_probed:
            return None
        value = self.engine.value(up_to(self.case, position))
        return None if isinstance(value, Fault) else value_fault(Comparison(value, certified))

    def adjoint_fault(self, position: int) -> Kind | None:
        """What is proved against the adjoint of a node.

        Where it cannot be read, the graph is cut below the node, which makes an input of it.
        """
        adjoint = self.run.readings[position].adjoint
        if adjoint is not None or isinstance(self.expression.nodes[position], Input):
            return gradient_fault(adjoint, self.certificate.adjoints[position], used=True)
        if not self.can_be_probed:
            return None
        probe = self._probe(position)
        return ask(self.engine, probe).gradient_fault(len(probe.point) - 1)

    def adjoint(self, position: int) -> float | None:
        """What the engine gives for the adjoint of a node, read or probed."""
        adjoint = self.run.readings[position].adjoint
        if adjoint is not None or isinstance(self.expression.nodes[position], Input):
            return adjoint
        readings = ask(self.engine, self._probe(position)).readings
        return readings[-1].adjoint if readings else None

    def _probe(self, position: int) -> Case:
        """The graph cut below a node, which makes an input of it, the last one."""
        if position == self.expression.output:
            return an_input_alone()
        uses = [(i, index) for i, use in self.uses(position).items() for index in use.shared]
        return with_own_input(self.case, uses, self.number(position))

    def is_read(self, position: int) -> bool:
        """Whether the engine shows the adjoint of a node."""
        return self.run.readings[position].adjoint is not None

    def is_read_to_be_right(self, position: int) -> bool:
        """Whether the engine shows the adjoint of a node, and nothing is proved against it."""
        return self.is_read(position) and self.adjoint_fault(position) is None

    def first_wrong_value(self) -> int | None:
        """The first operation or input with a wrong value, though its operands' are right."""
        return next(
            (
                i
                for i, node in enumerate(self.expression.nodes)
                if not isinstance(node, Constant)
                and self.expression.used[i]
                and self.value_fault(i) is not None
            ),
            None,
        )

    def first_wrong_adjoint(self) -> int | None:
        """The first node, from the output on, with a wrong adjoint; its users' are right."""
        return next(
            (
                i
                for i in range(self.expression.output, -1, -1)
                if not isinstance(self.expression.nodes[i], Constant)
                and self.expression.used[i]
                and self.adjoint_fault(i) is not None
            ),
            None,
        )

    def uses(self, position: int) -> dict[int, Use]:
        """The operations that use a node and that the output depends on, by position."""
        return {
            i: self._use(node, position)
            for i, node in enumerate(self.expression.nodes)
            if isinstance(node, Apply) and self.expression.used[i] and position in node.operands
        }

    def every_use(self) -> dict[int, Use]:
        """Every operation that the output depends on, one operand of each in question.

        Of a large graph, the first ``MOST_USES_TO_ASK`` of each.
        """
        uses: dict[int, Use] = {}
        asked: Counter[Operation] = Counter()
        for i, node in enumerate(self.expression.nodes):
            if not (isinstance(node, Apply) and self.expression.used[i]):
                continue
            asked[node.operation] += 1
            if asked[node.operation] <= MOST_USES_TO_ASK:
                uses[i] = self._use(node, self._in_question(node))
        return uses

    def use_at(self, position: int) -> Use | None:
        """The operation at a node, one operand in question."""
        node = self.expression.nodes[position]
        return self._use(node, self._in_question(node)) if isinstance(node, Apply) else None

    def _in_question(self, node: Apply) -> int:
        """The first operand that is no constant, if there is one."""
        nodes = self.expression.nodes
        return next((i for i in node.operands if type(nodes[i]) is not Constant), node.operands[0])

    def _use(self, node: Apply, operand: int) -> Use:
        operands = [(i, self.expression.nodes[i]) for i in node.operands]
        return Use(
            node.operation,
            tuple(o if isinstance(o, Constant) else self.number(i) for i, o in operands),
            frozenset(
                index
                for index, (i, o) in enumerate(operands)
                if i == operand and not isinstance(o, Constant)
            ),
        )

    def number(self, position: int) -> float:
        """The value of a node: the engine's own if there is one, else the float that is nearest."""
        value = self.run.readings[position].value if self.run.readings else None
        if value is None or not math.isfinite(value):
            value = Comparison(None, self.certificate.values[position]).true
        return value if math.isfinite(value) else 0.0
