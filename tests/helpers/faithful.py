"""A simulated engine that takes any formula in use, and adds in any order."""

import math

from gradcheck.engines.protocol import Reading, Run
from gradcheck.expression import Apply, Constant
from gradcheck.oracles import floats
from gradcheck.oracles.contributions import Rule, in_floats
from gradcheck.precision import FLOAT64


def faithful_run(case, random):
    """Return a run in float64, each choice made at random, or ``None`` if no formula stays finite.

    An adjoint has its contributions beside it, so that a test knows how large they are.
    """
    expression = case.expression
    values = [*case.point]
    for node in expression.nodes[len(values) :]:
        if isinstance(node, Constant):
            values.append(node.value)
        else:
            function = floats.in_floats(node.operation, FLOAT64)
            values.append(function(*[values[i] for i in node.operands]))
    terms = [[] for _ in expression.nodes]
    terms[expression.output] = [1.0]
    adjoints = [0.0] * len(expression.nodes)
    for position in range(len(expression.nodes) - 1, -1, -1):
        node = expression.nodes[position]
        random.shuffle(terms[position])
        adjoints[position] = sum(terms[position])
        if not (isinstance(node, Apply) and expression.used[position]):
            continue
        variables = node.operands[: node.operation.variables]
        numbers = (adjoints[position], *[values[i] for i in variables], values[position])
        for index, operand in enumerate(variables):
            rule = Rule(node.operation, expression.parameters(node), index)
            sent = [x for f in in_floats(rule, FLOAT64) if math.isfinite(x := f(numbers))]
            if not sent:
                return None
            terms[operand].append(random.choice(sent))
    if not all(map(math.isfinite, (*values, *adjoints))):
        return None
    readings = tuple(
        Reading(value, None if isinstance(node, Constant) else adjoint)
        for node, value, adjoint in zip(expression.nodes, values, adjoints, strict=True)
    )
    return Run(values[expression.output], readings), terms
