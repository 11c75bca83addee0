"""Each operation of the table against mpmath, which knows nothing of SymPy's derivatives or Arb."""

import math

import mpmath
import pytest
from flint import arb, ctx
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gradcheck.expression import Apply, Case, Constant, Expression, Input
from gradcheck.operations import OPERATIONS
from gradcheck.operations.operand_names import input_names
from gradcheck.operations.operation import with_arities
from gradcheck.oracles.arithmetic import EXACT
from gradcheck.oracles.certificate import certify
from gradcheck.oracles.sweep import adjoints, values
from helpers.independent import FUNCTIONS

MOST = {
    **dict.fromkeys(("exp", "exp2", "expm1", "sinh", "cosh", "sigmoid", "softplus", "silu"), 800.0),
    **dict.fromkeys(("elu", "logaddexp", "logsumexp"), 800.0),
    **dict.fromkeys(("sin", "cos", "tan", "sinc", "lgamma", "digamma"), 1e15),
    **dict.fromkeys(("tanh", "power"), 60.0),
    **dict.fromkeys(("erf", "erfc"), 25.0),
    **dict.fromkeys(("gelu", "gelu_tanh"), 5.0),
}
"""Sizes of operands beyond which mpmath takes more digits than it is given, for some operations."""

NAMES = frozenset(OPERATIONS)  # without those that other tests register
EACH_ARITY = [each for o in OPERATIONS.values() if o.name != "**" for each in with_arities(o)]

PARAMETERS = (0.25, 1.5)

EXPONENTS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 7.0, 0.5, -0.5, 1.5, 0.1, -2.7)

SLOW_IN_MPMATH = ("lgamma", "digamma")
"""Operations that take mpmath a second for each number, at 900 digits."""

EDGES = (0.0, -0.0, 5e-324, -5e-324, 2.0**-1022, 1.0, -1.0, 20.0, -40.0, 354.0, -750.0, 1e16)


def alone(operation, exponent=None):
    """An operation on inputs, with its exponent or other parameters where it has some."""
    parameters = PARAMETERS[: operation.parameters] if exponent is None else (exponent,)
    nodes = [*map(Input, input_names(operation.variables)), *map(Constant, parameters)]
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


def known(operation, point):
    """The value and the derivatives by mpmath, ``None`` where there are none."""
    operands = *point, *PARAMETERS[: operation.parameters]
    is_no_number = operation.is_at_edge, operation.is_at_kink
    if any(test is not None and test(*operands) for test in is_no_number):
        return None
    if operation.name == "sinc" and point[0].is_integer():
        return None  # exactly zero, which no ball around it shows
    function, partials = FUNCTIONS[operation.name]
    numbers = list(map(mpmath.mpf, operands))
    try:
        found = [function(*numbers), *partials(*numbers)]
    except (ArithmeticError, ValueError):
        return None
    return found if all(isinstance(x, int | mpmath.mpf) for x in found) else None


def test_mpmath_is_asked_about_every_operation():
    assert FUNCTIONS.keys() == NAMES


@pytest.mark.parametrize("operation", EACH_ARITY, ids=lambda o: f"{o.name}-{o.arity}")
def test_the_value_and_the_derivatives_are_those_of_mpmath_to_50_digits(operation):
    expression, most = alone(operation), MOST.get(operation.name, 1e300)
    number = finite.filter(lambda x: abs(x) <= most) | st.floats(-1.0, 1.0) | st.floats(1.0, 4.0)

    @settings(max_examples=20 if operation.name in SLOW_IN_MPMATH else 100)
    @given(st.tuples(*[number] * operation.variables))
    def agree(point):
        with mpmath.workdps(900):
            expected = known(operation, point)
            assume(expected is not None)
            for enclosure, each in zip(enclosed(expression, point), expected, strict=True):
                assert holds_50_digits(enclosure, mpmath.mpf(each))

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
        value, derivative = enclosed(alone(OPERATIONS["**"], exponent), [base])
        assert holds_50_digits(value, x**k)
        assert holds_50_digits(derivative, partial)


@pytest.mark.parametrize("operation", EACH_ARITY, ids=lambda o: f"{o.name}-{o.arity}")
def test_a_derivative_that_is_off_in_the_40th_digit_does_not_agree(operation):
    first = 1.25 if operation.name == "acosh" else 0.75
    point = (first, 0.5, 0.25, 2.0)[: operation.variables]
    with mpmath.workdps(120):
        _, *numbers = known(operation, point)
        for enclosure, number in zip(enclosed(alone(operation), point)[1:], numbers, strict=True):
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
    value, *partials = enclosed(alone(OPERATIONS[name]), point)
    assert value == FUNCTIONS[name][0](*point)
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
    assert enclosed(alone(OPERATIONS[name], exponent), point)[0].is_nan()


@pytest.mark.parametrize(("name", "exponent"), [("sqrt", None), ("**", 0.5), ("**", 0.1)])
def test_at_the_edge_there_is_a_value_and_no_derivative(name, exponent):
    value, derivative = enclosed(alone(OPERATIONS[name], exponent), [0.0])
    assert value == 0
    assert derivative.is_nan()


@pytest.mark.parametrize("x", [-745.0, -40.0, -5.0, 0.0, 5.0, 40.0, 800.0])
def test_the_logistic_function_may_be_differentiated_by_its_own_value(x):
    case = Case(alone(OPERATIONS["sigmoid"]), (x,))
    certified = certify(case).adjoints[0]
    decay = math.exp(-abs(x))
    result = (1.0 if x >= 0.0 else decay) / (1.0 + decay)
    assert certified.in_range
    assert abs(arb(result * (1.0 - result)) - certified.truth) <= certified.allowed_error


@pytest.mark.parametrize(("x", "may_vanish"), [(-450.0, True), (-350.0, False)])
def test_the_derivative_of_the_logistic_function_may_vanish_where_a_square_overflows(x, may_vanish):
    adjoint = certify(Case(alone(OPERATIONS["sigmoid"]), (x,))).adjoints[0]
    assert adjoint.faithful.contains(arb(0)) is may_vanish


@pytest.mark.parametrize(("x", "may_vanish"), [(-720.0, True), (-700.0, False)])
def test_the_logistic_function_may_vanish_where_an_exponential_overflows(x, may_vanish):
    value = certify(Case(alone(OPERATIONS["sigmoid"]), (x,))).values[1]
    assert value.faithful.contains(arb(0)) is may_vanish
