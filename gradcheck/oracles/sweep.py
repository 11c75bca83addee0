"""An expression swept in balls: forward for the values, backward for the adjoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flint import arb

from gradcheck.expression import Apply, Constant, Expression, Input
from gradcheck.oracles.arithmetic import EXACT, OUT_OF_RANGE, Arithmetic, Terms
from gradcheck.oracles.symbolic import definition, local_partials

_ZERO = arb(0)
_ONE = arb(1)


def values(expression: Expression, inputs: Sequence[arb], arithmetic: Arithmetic) -> list[arb]:
    """The value of every node, given those of the inputs."""
    results: list[arb] = []
    for position, node in enumerate(expression.nodes):
        match node:
            case Input():
                results.append(inputs[position])
            case Constant(number):
                results.append(arb(number))
            case Apply(operation, operands):
                function = definition(operation, expression.parameters(node))
                arguments = [results[i] for i in operands]
                exact = function(EXACT, arguments)
                if exact.is_exact() and any(argument.is_nan() for argument in arguments):
                    exact = OUT_OF_RANGE  # a**0 is 1 whatever a is, if it is anything
                results.append(arithmetic.result(operation, exact))
    return results


def adjoints(expression: Expression, values: Sequence[arb], arithmetic: Arithmetic) -> list[arb]:
    """The adjoint of every node, d output / d node, given the values of all nodes.

    A constant's is not computed and stands as zero. Outside of an operation's domain it is a NaN.
    What is added to a constant has the same derivative as the sum, and some engines take them for
    one: so its contributions are terms of the operand's own sum.
    """
    contributions: list[Terms | None] = [None] * len(expression.nodes)
    contributions[expression.output] = Terms.one(_ONE)
    results = [_ZERO] * len(expression.nodes)
    for position in range(expression.output, -1, -1):
        node, terms = expression.nodes[position], contributions[position]
        if terms is None or isinstance(node, Constant):
            continue
        results[position] = adjoint = arithmetic.add(terms)
        if isinstance(node, Apply):
            operation = node.operation
            variable = node.operands[: operation.variables]
            arguments = [*(values[i] for i in variable), values[position]]
            partials = local_partials(operation, expression.parameters(node))
            is_alone = _has_one_operand(expression, node)
            for operand, partial in zip(variable, partials, strict=True):
                # A derivative's formula may go on where the operation itself ends: 1/x below zero.
                outside = arithmetic is EXACT and values[position].is_nan()
                local = values[position] if outside else partial(arithmetic, arguments)
                same = is_alone and local == 1
                sent = terms if same else Terms.one(arithmetic.multiply(adjoint, local))
                before = contributions[operand]
                if before is None:
                    contributions[operand] = replace(sent)
                else:
                    before.include(sent)
    return results


def _has_one_operand(expression: Expression, node: Apply) -> bool:
    """Whether all operands but one are constants."""
    return sum(not isinstance(expression.nodes[i], Constant) for i in node.operands) == 1
