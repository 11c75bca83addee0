"""Building a case whose inputs are not known before its operations are."""

from __future__ import annotations

from gradcheck.expression import Apply, Case, Constant, Expression, Input, Node
from gradcheck.operations import Operation

Reference = int
"""A node under construction: an operation or constant by its number, an input by -1, -2, …"""


class CaseBuilder:
    """Takes inputs, constants and operations in any order and puts the inputs first.

    >>> from gradcheck.formula import write
    >>> from gradcheck.operations import OPERATIONS
    >>> builder = CaseBuilder()
    >>> double = builder.apply(OPERATIONS["*"], builder.constant(2.0), builder.input(0.5))
    >>> total = builder.apply(OPERATIONS["+"], double, builder.input(0.25))
    >>> case = builder.case(total)
    >>> write(case.expression), case.point
    ('2.0*x0 + x1', (0.5, 0.25))
    """

    def __init__(self) -> None:
        self._point: list[float] = []
        self._nodes: list[Constant | Apply] = []

    def input(self, number: float) -> Reference:
        """A new input at a number."""
        self._point.append(number)
        return -len(self._point)

    def constant(self, number: float) -> Reference:
        self._nodes.append(Constant(number))
        return len(self._nodes) - 1

    def apply(self, operation: Operation, *operands: Reference) -> Reference:
        self._nodes.append(Apply(operation, operands))
        return len(self._nodes) - 1

    def case(self, output: Reference) -> Case:
        """The case, without what the output does not depend on; every input stays."""
        inputs = len(self._point)

        def position(reference: Reference) -> int:
            return inputs + reference if reference >= 0 else -1 - reference

        nodes: list[Node] = [Input(f"x{number}") for number in range(inputs)]
        for node in self._nodes:
            match node:
                case Apply(operation, operands):
                    nodes.append(Apply(operation, tuple(map(position, operands))))
                case Constant():
                    nodes.append(node)
        expression = Expression(tuple(nodes), output=position(output))
        return Case(expression.pruned(), tuple(self._point))
