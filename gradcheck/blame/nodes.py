"""Find the wrong nodes of a case: shown by the engine, or else probed with a smaller case."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from gradcheck.blame.probe import ask
from gradcheck.blame.small_cases import Use, an_input_alone
from gradcheck.comparison import Comparison, gradient_kind_if_wrong, value_kind_if_wrong
from gradcheck.engines.faults import Fault
from gradcheck.engines.protocol import Engine, Run
from gradcheck.expression import Apply, Case, Constant, Expression, Input
from gradcheck.kind import Kind
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import Certificate
from gradcheck.rewriting import up_to, with_own_input

MAX_NODES_TO_PROBE = 60
"""Nodes that the engine does not show are probed one by one, each with a run of the graph."""

MAX_USES_TO_ASK = 100
"""Uses of one operation that are tried one by one, each in a small graph."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes of a case that an engine got wrong."""

    case: Case
    engine: Engine
    run: Run
    certificate: Certificate

    @property
    def expression(self) -> Expression:
        return self.case.expression

    @property
    def can_be_probed(self) -> bool:
        """Whether the graph is small enough to probe every node."""
        return len(self.expression.nodes) <= MAX_NODES_TO_PROBE

    @property
    def adjoints_are_known(self) -> bool:
        """Whether the engine shows the adjoints of operations, or they can be probed."""
        inner = self.run.readings[len(self.case.point) :]
        return self.can_be_probed or any(reading.adjoint is not None for reading in inner)

    def value_kind_if_wrong(self, position: int) -> Kind | None:
        """Return the kind of a node's value that is proved wrong, ``None`` for any other."""
        certified = self.certificate.values[position]
        returned = self.run.readings[position].value
        if returned is not None:
            return value_kind_if_wrong(Comparison(returned, certified))
        if not self.can_be_probed:
            return None
        value = self.engine.value(up_to(self.case, position))
        return (
            None if isinstance(value, Fault) else value_kind_if_wrong(Comparison(value, certified))
        )

    def adjoint_kind_if_wrong(self, position: int) -> Kind | None:
        """Return the kind of a node's adjoint that is proved wrong, ``None`` for any other.

        Where the engine does not show it, the node is probed: replaced by an input.
        """
        adjoint = self.run.readings[position].adjoint
        if adjoint is not None or isinstance(self.expression.nodes[position], Input):
            return gradient_kind_if_wrong(
                adjoint,
                self.certificate.adjoints[position],
                used=self.expression.gets_gradient[position],
            )
        if not self.can_be_probed:
            return None
        probe = self._probe(position)
        return ask(self.engine, probe).gradient_kind_if_wrong(len(probe.point) - 1)

    def adjoint(self, position: int) -> float | None:
        """Return the engine's adjoint of a node, shown or probed."""
        adjoint = self.run.readings[position].adjoint
        if adjoint is not None or isinstance(self.expression.nodes[position], Input):
            return adjoint
        readings = ask(self.engine, self._probe(position)).readings
        return readings[-1].adjoint if readings else None

    def _probe(self, position: int) -> Case:
        """Return the case with a node replaced by an input, the last one."""
        if position == self.expression.output:
            return an_input_alone()
        uses = [(i, index) for i, use in self.uses(position).items() for index in use.shared]
        return with_own_input(self.case, uses, self.number(position))

    def shows_adjoint(self, position: int) -> bool:
        """Tell whether the engine shows the adjoint of a node."""
        return self.run.readings[position].adjoint is not None

    def shows_right_adjoint(self, position: int) -> bool:
        """Tell whether the engine shows the adjoint of a node, and it is not proved wrong."""
        return self.shows_adjoint(position) and self.adjoint_kind_if_wrong(position) is None

    def first_wrong_value(self) -> int | None:
        """Return the first input or operation with a wrong value; its operands are correct."""
        positions = self._positions()
        return next((i for i in positions if self.value_kind_if_wrong(i) is not None), None)

    def first_wrong_adjoint(self) -> int | None:
        """Return the first node with a wrong adjoint, from the output on; its users are correct."""
        positions = reversed(self._positions())
        return next((i for i in positions if self.adjoint_kind_if_wrong(i) is not None), None)

    def _positions(self) -> list[int]:
        """Return the positions of the inputs and operations that the output depends on."""
        nodes, used = self.expression.nodes, self.expression.used
        return [i for i, node in enumerate(nodes) if used[i] and not isinstance(node, Constant)]

    def uses(self, position: int) -> dict[int, Use]:
        """Return the operations that use a node and that the output needs, by position."""
        return {
            i: self._use(node, position)
            for i, node in enumerate(self.expression.nodes)
            if isinstance(node, Apply) and self.expression.used[i] and position in node.operands
        }

    def every_use(self) -> dict[int, Use]:
        """Return every operation that the output depends on, each with one operand marked.

        In a large graph these are the first ``MAX_USES_TO_ASK`` of each operation.
        """
        uses: dict[int, Use] = {}
        asked: Counter[Operation] = Counter()
        for i, node in enumerate(self.expression.nodes):
            if not (isinstance(node, Apply) and self.expression.used[i]):
                continue
            asked[node.operation] += 1
            if asked[node.operation] <= MAX_USES_TO_ASK:
                uses[i] = self._use(node, self._marked_operand(node))
        return uses

    def use_at(self, position: int) -> Use | None:
        """Return the operation at a node, with one operand marked."""
        node = self.expression.nodes[position]
        return self._use(node, self._marked_operand(node)) if isinstance(node, Apply) else None

    def _marked_operand(self, node: Apply) -> int:
        """Return the first operand that is not a constant, if there is one."""
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
        """Return the engine's value of a node, or else the float nearest to the true one."""
        value = self.run.readings[position].value if self.run.readings else None
        if value is None or not math.isfinite(value):
            value = Comparison(None, self.certificate.values[position]).true
        return value if math.isfinite(value) else 0.0
