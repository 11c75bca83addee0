"""A case with one thing changed: if the engine is right then, that thing is part of the bug."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gradcheck.case_builder import CaseBuilder, Reference
from gradcheck.expression import Apply, Case, Constant, Expression, Input
from gradcheck.operations import Operation

_GOLDEN_RATIO = 0.6180339887498949


def ordinary_number(index: int) -> float:
    """One of a sequence of numbers between 0.25 and 1.25, spread out and never the same."""
    return 0.25 + (0.5 + index * _GOLDEN_RATIO) % 1.0


def at_ordinary_numbers(expression: Expression) -> Case:
    """The expression at numbers that are all different, and neither round nor small."""
    return Case(expression, tuple(map(ordinary_number, range(len(expression.inputs)))))


def up_to(case: Case, position: int) -> Case:
    """What leads to a node, with the node as the output."""
    return Case(Expression(case.expression.nodes, position).pruned(), case.point)


def with_own_input(case: Case, uses: Collection[tuple[int, int]], number: float) -> Case:
    """The case with an input of its own, the last one, for some operands of some nodes.

    ``uses`` are the nodes and the numbers of their operands. With all uses of a node the gradient
    by the new input is the node's adjoint; with one of them, that by the others is what it would be
    if the contribution were lost.
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
                at.append(builder.input(value))
            case Apply(operation, operands):
                variables = [at[operand] for operand in operands[: operation.variables]]
                parameters = map(builder.constant, case.expression.parameters(node))
                at.append(builder.apply(operation, *variables, *parameters))
    return builder.case(at[case.expression.output])


def unshared(case: Case) -> Case:
    """The case with every operation written out again wherever it is used; inputs stay shared."""
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


def made_of(expression: Expression, operation: Operation) -> Case:
    """The same graph with one operation everywhere, at ordinary numbers.

    Constants become inputs, and so does every operand that an operation had not before.
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
