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


def _erf_slope(x):
    return 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x)


def _positive(function):
    """The function, undefined for numbers that are not positive."""

    def defined(x):
        if x <= 0:
            raise ValueError
        return function(x)

    return defined


def _sinc(x):
    return mpmath.sinpi(x) / (mpmath.pi * x) if x else ONE


def _sinc_slope(x):
    if not x:
        return ONE * 0
    with mpmath.workdps(3 * DIGITS):  # the difference of two numbers that agree in 600 digits
        p = mpmath.pi
        return (p * x * mpmath.cospi(x) - mpmath.sinpi(x)) / (p * x * x)


def _normal(x):
    """The distribution function of the normal distribution."""
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def _gelu_slope(x):
    return _normal(x) + x * mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi)


def _inner(x):
    return mpmath.sqrt(2 / mpmath.pi) * (x + mpmath.mpf("0.044715") * x**3)


def _gelu_tanh(x):
    return x * (1 + mpmath.tanh(_inner(x))) / 2


def _gelu_tanh_slope(x):
    slope = mpmath.sqrt(2 / mpmath.pi) * (1 + 3 * mpmath.mpf("0.044715") * x * x)
    return (1 + mpmath.tanh(_inner(x))) / 2 + x * mpmath.sech(_inner(x)) ** 2 * slope / 2


def _logsumexp(*operands):
    largest = max(operands)
    return largest + mpmath.log(sum(mpmath.exp(x - largest) for x in operands))


def _shares(*operands):
    largest = max(operands)
    sizes = [mpmath.exp(x - largest) for x in operands]
    return [size / sum(sizes) for size in sizes]


def _of_largest(choose):
    """The partials of a maximum or a minimum; undefined at a tie."""

    def partials(*operands):
        chosen = choose(operands)
        if operands.count(chosen) > 1:
            raise ValueError
        return [ONE * (x == chosen) for x in operands]

    return partials


def _others_multiplied(*operands):
    return [mpmath.fprod(operands[:i] + operands[i + 1 :]) for i in range(len(operands))]


def _jumps_at(is_jump, function):
    """The function, undefined where it jumps."""

    def defined(*operands):
        if is_jump(*operands):
            raise ValueError
        return function(*operands)

    return defined


FUNCTIONS = {
    "power": (
        lambda a, b: mpmath.power(a, b) if a > 0 else mpmath.mpc(1j),
        lambda a, b: (b * mpmath.power(a, b - 1), mpmath.power(a, b) * mpmath.log(a)),
    ),
    "tan": (mpmath.tan, lambda a: (1 / mpmath.cos(a) ** 2,)),
    "asin": (mpmath.asin, lambda a: (1 / mpmath.sqrt(1 - a * a),)),
    "acos": (mpmath.acos, lambda a: (-1 / mpmath.sqrt(1 - a * a),)),
    "asinh": (mpmath.asinh, lambda a: (1 / mpmath.sqrt(1 + a * a),)),
    "acosh": (mpmath.acosh, lambda a: (1 / mpmath.sqrt(a * a - 1),)),
    "atanh": (mpmath.atanh, lambda a: (1 / (1 - a * a),)),
    "atan2": (mpmath.atan2, lambda a, b: (b / (a * a + b * b), -a / (a * a + b * b))),
    "hypot": (mpmath.hypot, lambda a, b: (a / mpmath.hypot(a, b), b / mpmath.hypot(a, b))),
    "log1p": (mpmath.log1p, lambda a: (1 / (1 + a),)),
    "expm1": (mpmath.expm1, lambda a: (mpmath.exp(a),)),
    "log2": (lambda a: mpmath.log(a) / mpmath.log(2), lambda a: (1 / (a * mpmath.log(2)),)),
    "log10": (mpmath.log10, lambda a: (1 / (a * mpmath.log(10)),)),
    "exp2": (lambda a: mpmath.power(2, a), lambda a: (mpmath.power(2, a) * mpmath.log(2),)),
    "square": (lambda a: a * a, lambda a: (2 * a,)),
    "reciprocal": (lambda a: 1 / a, lambda a: (-1 / a**2,)),
    "rsqrt": (lambda a: 1 / mpmath.sqrt(a), lambda a: (-1 / (2 * a * mpmath.sqrt(a)),)),
    "fma": (lambda a, b, c: a * b + c, lambda a, b, c: (b, a, ONE)),
    "sign": (mpmath.sign, _jumps_at(lambda a: a == 0, lambda _a: (ONE * 0,))),
    "floor": (mpmath.floor, _jumps_at(mpmath.isint, lambda _a: (ONE * 0,))),
    "clamp": (
        lambda a, low, high: min(max(a, low), high),
        _jumps_at(
            lambda a, low, high: a in {low, high} or low >= high,
            lambda a, low, high: (ONE * (low < a < high),),
        ),
    ),
    "where": (
        lambda c, d, a, b: a if c > d else b,
        _jumps_at(
            lambda c, d, _a, _b: c == d,
            lambda c, d, _a, _b: (ONE * 0, ONE * 0, ONE * (c > d), ONE * (c < d)),
        ),
    ),
    "leaky_relu": (lambda a, n: a if a > 0 else n * a, lambda a, n: (ONE if a > 0 else n,)),
    "elu": (
        lambda a, n: a if a > 0 else n * mpmath.expm1(a),
        lambda a, n: (ONE if a > 0 else n * mpmath.exp(a),),
    ),
    "softplus": (lambda a: mpmath.log1p(mpmath.exp(a)), lambda a: (_sigmoid(a),)),
    "silu": (lambda a: a * _sigmoid(a), lambda a: (_sigmoid(a) * (1 + a * _sigmoid(-a)),)),
    "gelu": (lambda a: a * _normal(a), lambda a: (_gelu_slope(a),)),
    "gelu_tanh": (_gelu_tanh, lambda a: (_gelu_tanh_slope(a),)),
    "erf": (mpmath.erf, lambda a: (_erf_slope(a),)),
    "erfc": (mpmath.erfc, lambda a: (-_erf_slope(a),)),
    "lgamma": (_positive(mpmath.loggamma), lambda a: (mpmath.digamma(a),)),
    "digamma": (_positive(mpmath.digamma), lambda a: (mpmath.polygamma(1, a),)),
    "sinc": (_sinc, lambda a: (_sinc_slope(a),)),
    "logaddexp": (_logsumexp, _shares),
    "logsumexp": (_logsumexp, _shares),
    "sum": (lambda *operands: mpmath.fsum(operands), lambda *operands: [ONE] * len(operands)),
    "prod": (lambda *operands: mpmath.fprod(operands), _others_multiplied),
    "+": (lambda a, b: a + b, lambda a, b: (ONE, ONE)),
    "-": (lambda a, b: a - b, lambda a, b: (ONE, -ONE)),
    "*": (lambda a, b: a * b, lambda a, b: (b, a)),
    "/": (lambda a, b: a / b, lambda a, b: (1 / b, -a / b**2)),
    "neg": (lambda a: -a, lambda a: (-ONE,)),
    "**": (mpmath.power, lambda a, n: (n * mpmath.power(a, n - 1) if n else ONE * 0,)),
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
    "max": (lambda *operands: max(operands), _of_largest(max)),
    "min": (lambda *operands: min(operands), _of_largest(min)),
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
