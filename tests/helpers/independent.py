"""Values and gradients by mpmath, from partials that are written by hand."""

import mpmath
from flint import arb, ctx

from gradcheck.expression import Apply, Constant

DIGITS = 400

ONE = mpmath.mpf(1)


def _sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def _step(x):
    return ONE if x > 0 else ONE * 0


FUNCTIONS = {
    "+": (lambda a, b: a + b, lambda a, b: (ONE, ONE)),
    "-": (lambda a, b: a - b, lambda a, b: (ONE, -ONE)),
    "*": (lambda a, b: a * b, lambda a, b: (b, a)),
    "/": (lambda a, b: a / b, lambda a, b: (1 / b, -a / b**2)),
    "neg": (lambda a: -a, lambda a: (-ONE,)),
    "**": (mpmath.power, lambda a, n: (n * mpmath.power(a, n - 1),)),
    "tanh": (mpmath.tanh, lambda a: (mpmath.sech(a) ** 2,)),
    "exp": (mpmath.exp, lambda a: (mpmath.exp(a),)),
    "log": (mpmath.log, lambda a: (1 / a,)),
    "sqrt": (mpmath.sqrt, lambda a: (1 / (2 * mpmath.sqrt(a)),)),
    "sin": (mpmath.sin, lambda a: (mpmath.cos(a),)),
    "cos": (mpmath.cos, lambda a: (-mpmath.sin(a),)),
    "sinh": (mpmath.sinh, lambda a: (mpmath.cosh(a),)),
    "cosh": (mpmath.cosh, lambda a: (mpmath.sinh(a),)),
    "atan": (mpmath.atan, lambda a: (1 / (1 + a * a),)),
    "sigmoid": (_sigmoid, lambda a: (_sigmoid(a) * _sigmoid(-a),)),
    "relu": (lambda a: max(a, ONE * 0), lambda a: (_step(a),)),
    "abs": (abs, lambda a: (mpmath.sign(a),)),
    "max": (max, lambda a, b: (_step(a - b), 1 - _step(a - b))),
    "min": (min, lambda a, b: (_step(b - a), 1 - _step(b - a))),
}
"""Each operation and its partials, written from the textbook."""


def by_mpmath(case):
    """The value and the gradient of a case, ``None`` outside of a domain or the floats' range."""
    nodes = case.expression.nodes
    values = [mpmath.mpf(number) for number in case.point]
    for node in nodes[len(values) :]:
        if isinstance(node, Constant):
            values.append(mpmath.mpf(node.value))
            continue
        function, _ = FUNCTIONS[node.operation.name]
        try:
            value = function(*[values[i] for i in node.operands])
        except (ZeroDivisionError, ValueError):
            return None
        if not isinstance(value, mpmath.mpf) or not abs(value) < 1e300:
            return None
        values.append(value)
    adjoints = [mpmath.mpf(0)] * len(nodes)
    adjoints[case.expression.output] = ONE
    for position in range(len(nodes) - 1, -1, -1):
        node = nodes[position]
        if not (isinstance(node, Apply) and case.expression.used[position]):
            continue
        try:
            partials = FUNCTIONS[node.operation.name][1](*[values[i] for i in node.operands])
        except (ZeroDivisionError, ValueError):
            return None
        for operand, partial in zip(node.operands, partials, strict=False):
            if not isinstance(partial, mpmath.mpf):
                return None
            adjoints[operand] += adjoints[position] * partial
    return [values[case.expression.output], *adjoints[: len(case.point)]]


def disagreements(case, certificate):
    """The number of values and derivatives, and those that the oracles enclose otherwise.

    A truth has to contain what mpmath returns, and so has what a faithful engine may return.
    """
    with mpmath.workdps(DIGITS), ctx.workprec(4 * DIGITS):
        numbers = by_mpmath(case)
        if numbers is None:
            return 0, []
        inputs = len(case.point)
        enclosed = [certificate.values[case.expression.output], *certificate.adjoints[:inputs]]
        wrong = []
        for number, certified in zip(numbers, enclosed, strict=True):
            exact = arb(number)
            near = exact * arb(1, 1e-60) + arb(0, 1) * arb(10) ** -600
            balls = (certified.truth, certified.faithful)
            wrong += [b for b in balls if b.is_finite() and not b.overlaps(near)]
        return len(numbers), wrong
