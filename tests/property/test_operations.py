"""Each operation of the table against mpmath, which knows nothing of SymPy's derivatives or Arb."""

import math
from dataclasses import dataclass

import mpmath
import pytest
from flint import arb, ctx
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gradcheck.expression import Apply, Case, Constant, Expression, Input
from gradcheck.operations import OPERATIONS
from gradcheck.oracles.arithmetic import EXACT
from gradcheck.oracles.certificate import certify
from gradcheck.oracles.sweep import adjoints, values


def sech_squared(x):
    return 1 / mpmath.cosh(x) ** 2


def logistic(x):
    return 1 / (1 + mpmath.exp(-x))


@dataclass(frozen=True)
class Known:
    """What mpmath says: the value, the derivatives, and whether they exist at a point.

    Beyond ``most`` mpmath takes more digits than it is given, and no engine computes with it.
    """

    value: object
    partials: object
    within: object = lambda *operands: True
    most: float = 1e300


KNOWN = {
    "+": Known(lambda a, b: a + b, lambda a, b: (1, 1)),
    "-": Known(lambda a, b: a - b, lambda a, b: (1, -1)),
    "*": Known(lambda a, b: a * b, lambda a, b: (b, a)),
    "/": Known(lambda a, b: a / b, lambda a, b: (1 / b, -a / b**2), lambda a, b: b != 0),
    "neg": Known(lambda a: -a, lambda a: (-1,)),
    "exp": Known(mpmath.exp, lambda a: (mpmath.exp(a),), most=800.0),
    "log": Known(mpmath.log, lambda a: (1 / a,), lambda a: a > 0),
    "sqrt": Known(mpmath.sqrt, lambda a: (1 / (2 * mpmath.sqrt(a)),), lambda a: a > 0),
    "sin": Known(mpmath.sin, lambda a: (mpmath.cos(a),), most=1e17),
    "cos": Known(mpmath.cos, lambda a: (-mpmath.sin(a),), most=1e17),
    "tanh": Known(mpmath.tanh, lambda a: (sech_squared(a),), most=60.0),
    "sinh": Known(mpmath.sinh, lambda a: (mpmath.cosh(a),), most=800.0),
    "cosh": Known(mpmath.cosh, lambda a: (mpmath.sinh(a),), most=800.0),
    "atan": Known(mpmath.atan, lambda a: (1 / (1 + a * a),)),
    "sigmoid": Known(logistic, lambda a: (logistic(a) * logistic(-a),), most=800.0),
    "relu": Known(lambda a: max(a, 0), lambda a: (int(a > 0),), lambda a: a != 0),
    "abs": Known(abs, lambda a: (mpmath.sign(a),), lambda a: a != 0),
    "max": Known(max, lambda a, b: (int(a > b), int(a < b)), lambda a, b: a != b),
    "min": Known(min, lambda a, b: (int(a < b), int(a > b)), lambda a, b: a != b),
}

EXPONENTS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 7.0, 0.5, -0.5, 1.5, 0.1, -2.7)

EDGES = (0.0, -0.0, 5e-324, -5e-324, 2.0**-1022, 1.0, -1.0, 20.0, -40.0, 354.0, -750.0, 1e16)


def alone(name, exponent=None):
    """An operation on inputs, with its exponent where it has one."""
    operation = OPERATIONS[name]
    nodes = [Input(letter) for letter in "ab"[: operation.variables]]
    nodes += [] if exponent is None else [Constant(exponent)]
    return Expression((*nodes, Apply(operation, tuple(range(operation.arity)))))


def enclosed(expression, point):
    """The ball of the value and those of the derivatives."""
    with ctx.workprec(512):
        inputs = [arb(number) for number in point]
        at = values(expression, inputs, EXACT)
        return [at[-1], *adjoints(expression, at, EXACT)[: len(point)]]


def holds_50_digits(enclosure, number):
    """Whether a sharp ball holds a number of which 50 digits are trusted."""
    with ctx.workprec(512):
        exact = arb(number)
        is_sharp = enclosure.rad() <= abs(exact) * arb(10) ** -50
        return is_sharp and abs(enclosure - exact) <= abs(exact) * arb(10) ** -50


finite = st.floats(-1e300, 1e300) | st.floats(-30.0, 30.0) | st.sampled_from(EDGES)


def test_mpmath_is_asked_about_every_operation():
    assert KNOWN.keys() | {"**"} == OPERATIONS.keys()


@pytest.mark.parametrize("name", KNOWN)
def test_the_value_and_the_derivatives_are_those_of_mpmath_to_50_digits(name):
    known, expression = KNOWN[name], alone(name)

    @settings(max_examples=150)
    @given(st.tuples(*[finite] * len(expression.inputs)))
    def agree(point):
        assume(known.within(*point) and all(abs(number) <= known.most for number in point))
        with mpmath.workdps(900):
            operands = [mpmath.mpf(number) for number in point]
            expected = [known.value(*operands), *known.partials(*operands)]
            for enclosure, number in zip(enclosed(expression, point), expected, strict=True):
                assert holds_50_digits(enclosure, mpmath.mpf(number))

    agree()


@settings(max_examples=400)
@given(finite, st.sampled_from(EXPONENTS) | st.integers(-20, 20).map(float))
@example(0.0, 0.0)
@example(0.0, 1.0)
@example(0.0, 2.0)
def test_a_power_is_that_of_mpmath_to_50_digits(base, exponent):
    assume(base > 0 or (exponent.is_integer() and (base != 0 or exponent >= 0)))
    with mpmath.workdps(120):
        x, k = mpmath.mpf(base), mpmath.mpf(exponent)
        partial = k * x ** (k - 1) if exponent else mpmath.mpf(0)
        value, derivative = enclosed(alone("**", exponent), [base])
        assert holds_50_digits(value, x**k)
        assert holds_50_digits(derivative, partial)


@pytest.mark.parametrize("name", KNOWN)
def test_a_derivative_that_is_off_in_the_40th_digit_does_not_agree(name):
    point = (0.75, 0.5)[: OPERATIONS[name].arity]
    with mpmath.workdps(120):
        numbers = KNOWN[name].partials(*map(mpmath.mpf, point))
        for enclosure, number in zip(enclosed(alone(name), point)[1:], numbers, strict=True):
            off = (mpmath.mpf(number) or 1) * (1 + mpmath.mpf(10) ** -40)
            assert holds_50_digits(enclosure, mpmath.mpf(number))
            assert not holds_50_digits(enclosure, off)


@pytest.mark.parametrize(
    ("name", "point", "sides"),
    [
        ("relu", (0.0,), [(0, 1)]),
        ("abs", (0.0,), [(-1, 1)]),
        ("max", (2.0, 2.0), [(0, 1), (0, 1)]),
        ("min", (-3.0, -3.0), [(0, 1), (0, 1)]),
    ],
)
def test_at_a_kink_a_partial_is_all_between_the_derivatives_of_its_sides(name, point, sides):
    value, *partials = enclosed(alone(name), point)
    assert value == KNOWN[name].value(*point)
    for partial, (least, largest) in zip(partials, sides, strict=True):
        assert partial.contains(least)
        assert partial.contains(largest)
        hair = 2.0**-20  # a radius has 30 bits
        assert not partial.contains(least - hair)
        assert not partial.contains(largest + hair)


@pytest.mark.parametrize(
    ("name", "exponent", "point"),
    [
        ("log", None, (0.0,)),
        ("log", None, (-1.0,)),
        ("sqrt", None, (-4.0,)),
        ("/", None, (1.0, 0.0)),
        ("**", -1.0, (0.0,)),
        ("**", 0.5, (-1.0,)),
    ],
)
def test_outside_of_the_domain_there_is_no_value(name, exponent, point):
    assert enclosed(alone(name, exponent), point)[0].is_nan()


@pytest.mark.parametrize(("name", "exponent"), [("sqrt", None), ("**", 0.5), ("**", 0.1)])
def test_at_the_edge_there_is_a_value_and_no_derivative(name, exponent):
    value, derivative = enclosed(alone(name, exponent), [0.0])
    assert value == 0
    assert derivative.is_nan()


@pytest.mark.parametrize("x", [-745.0, -40.0, -5.0, 0.0, 5.0, 40.0, 800.0])
def test_the_logistic_function_may_be_differentiated_by_its_own_value(x):
    case = Case(alone("sigmoid"), (x,))
    certified = certify(case).adjoints[0]
    decay = math.exp(-abs(x))
    result = (1.0 if x >= 0.0 else decay) / (1.0 + decay)
    assert certified.in_range
    assert abs(arb(result * (1.0 - result)) - certified.truth) <= certified.allowed_error


@pytest.mark.parametrize(("x", "may_vanish"), [(-450.0, True), (-350.0, False)])
def test_the_derivative_of_the_logistic_function_may_vanish_where_a_square_overflows(x, may_vanish):
    assert certify(Case(alone("sigmoid"), (x,))).adjoints[0].faithful.contains(arb(0)) is may_vanish


@pytest.mark.parametrize(("x", "may_vanish"), [(-720.0, True), (-700.0, False)])
def test_the_logistic_function_may_vanish_where_an_exponential_overflows(x, may_vanish):
    assert certify(Case(alone("sigmoid"), (x,))).values[1].faithful.contains(arb(0)) is may_vanish
