"""Build cases, and rewrite a case with one change.

If the engine is correct after the change, what was changed is part of the bug.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gradcheck.expression import Apply, Case, Constant, Expression, Input, Node
from gradcheck.operations import Operation

_GOLDEN_RATIO = 0.6180339887498949

Reference = int
"""A node under construction: 0, 1, … for an operation or constant, -1, -2, … for an input."""


class CaseBuilder:
    """Build a case from inputs, constants and operations in any order.

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
        """Add an input with its number."""
        self._point.append(number)
        return -len(self._point)

    def constant(self, number: float) -> Reference:
        """Add a constant."""
        self._nodes.append(Constant(number))
        return len(self._nodes) - 1

    def apply(self, operation: Operation, *operands: Reference) -> Reference:
        """Add an operation on earlier nodes."""
        self._nodes.append(Apply(operation, operands))
        return len(self._nodes) - 1

    def case(self, output: Reference) -> Case:
        """Return the case with all inputs, and all other nodes that the output depends on."""
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


def ordinary_number(index: int) -> float:
    """Return a number of a sequence between 0.25 and 1.25, spread out and without repetition."""
    return 0.25 + (0.5 + index * _GOLDEN_RATIO) % 1.0


def at_ordinary_numbers(expression: Expression) -> Case:
    """Return the expression at numbers that are all different, and neither round nor small."""
    return Case(expression, tuple(map(ordinary_number, range(len(expression.inputs)))))


def up_to(case: Case, position: int) -> Case:
    """Return the part of a case that a node depends on, with the node as the output."""
    return Case(Expression(case.expression.nodes, position).pruned(), case.point)


def with_own_input(case: Case, uses: Collection[tuple[int, int]], number: float) -> Case:
    """Return the case with a new input, the last one, in place of some operands of some nodes.

    ``uses`` are pairs of a node and the index of its operand. With all uses of a node, the gradient
    with respect to the new input is the node's adjoint. With one use, the gradient with respect to
    the other inputs is the one that lacks this contribution.
    """
    builder = CaseBuilder()
    at: list[Reference] = [builder.input(x) for x in case.point]
    own = builder.input(number)
    for i, node in enumerate(case.expression.nodes[len(at) :], len(at)):
        match node:
            case Constant(value):
                at.append(builder.constant(value))
            case Apply(operation, operands):
                references = [
                    own if (i, index) in uses else at[operand]
                    for index, operand in enumerate(operands)
                ]
                at.append(builder.apply(operation, *references))
    return builder.case(at[case.expression.output])


def constants_as_inputs(case: Case) -> Case:
    """Return the case with an input for each constant, except for parameters of operations."""
    builder = CaseBuilder()
    at: list[Reference] = [builder.input(x) for x in case.point]
    for node in case.expression.nodes[len(at) :]:
        match node:
            case Constant(value):
                at.append(builder.input(float(value)))
            case Apply(operation, operands):
                variables = [at[operand] for operand in operands[: operation.variables]]
                parameters = [case.expression.nodes[i] for i in operands[operation.variables :]]
                numbers = [node.value for node in parameters if isinstance(node, Constant)]
                at.append(builder.apply(operation, *variables, *map(builder.constant, numbers)))
    return builder.case(at[case.expression.output])


def unshared(case: Case) -> Case:
    """Return the case with a copy of each operation for every use of it; inputs stay shared."""
    builder = CaseBuilder()
    inputs = [builder.input(x) for x in case.point]

    def copy(position: int) -> Reference:
        match case.expression.nodes[position]:
            case Apply(operation, operands):
                return builder.apply(operation, *map(copy, operands))
            case Constant(value):
                return builder.constant(value)
            case Input():
                return inputs[position]

    return builder.case(copy(case.expression.output))


def with_one_operation(expression: Expression, operation: Operation) -> Case:
    """Return the same graph with one operation everywhere, at ordinary numbers.

    Constants become inputs, and so does every operand that an operation did not have before.
    """
    builder = CaseBuilder()
    made = 0

    def new_input() -> Reference:
        nonlocal made
        made += 1
        return builder.input(ordinary_number(made))

    at: list[Reference] = []
    for node in expression.nodes:
        operands: Sequence[int] = node.operands if isinstance(node, Apply) else ()
        if not operands:
            at.append(new_input())
            continue
        references = [at[i] for i in operands[: operation.arity]]
        references += [new_input() for _ in range(operation.arity - len(references))]
        at.append(builder.apply(operation, *references))
    return builder.case(at[expression.output])
