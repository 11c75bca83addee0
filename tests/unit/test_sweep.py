"""The bound of a whole sweep, step by step as the documentation has it."""

import math
from fractions import Fraction

import pytest
from flint import arb, ctx

from gradcheck import Case, parse
from gradcheck.comparison import Comparison
from gradcheck.expression import Apply, Constant, Expression, Input
from gradcheck.operations import OPERATIONS
from gradcheck.oracles.arithmetic import EXACT
from gradcheck.oracles.certificate import certify
from gradcheck.oracles.sweep import adjoints, values

UNIT = Fraction(1, 2**53) * (1 + Fraction(1, 2**10))  # an engine may round twice
UNDERFLOW = Fraction(1, 2**1075)


def fraction(number):
    mantissa, exponent = number.man_exp()
    return int(mantissa) * Fraction(2) ** int(exponent)


def tanh(x):
    """To so many digits that what is missing is no hair."""
    with ctx.workprec(512):
        return fraction(arb(x).tanh().mid())


def rounded(middle, radius, units):
    """A ball after one more rounding."""
    return middle, radius + units * ((abs(middle) + radius) * UNIT + UNDERFLOW)


@pytest.mark.parametrize("x", [0.5, -1.25, 3.0, 1e-3])
def test_a_value_of_tanh_loses_eight_units(reaches, x):
    value = certify(Case(parse("tanh(a)"), (x,))).values[1]
    assert reaches(value.faithful, *rounded(tanh(x), 0, 8))


@pytest.mark.parametrize("x", [-1.25, 3.0])  # at small numbers another formula loses more
def test_the_partial_of_tanh_loses_a_unit_at_each_step_of_its_formula_and_eight_more(reaches, x):
    t, error = rounded(tanh(x), 0, 8)
    square, error = rounded(t**2, 2 * abs(t) * error + error**2, 1)
    partial, error = rounded(1 - square, error, 1)
    partial, error = rounded(partial, error, 8)
    adjoint = certify(Case(parse("tanh(a)"), (x,))).adjoints[0]
    assert reaches(adjoint.faithful, partial, error)


def test_a_partial_that_is_a_number_or_an_operand_is_copied():
    certificate = certify(Case(parse("a*b + c"), (0.1, 0.3, 0.7)))
    by_a, by_b, by_c = (adjoint.faithful for adjoint in certificate.adjoints[:3])
    assert (by_a == 0.3, by_b == 0.1, by_c == 1) == (True, True, True)


def test_an_adjoint_is_rounded_once_for_each_product_on_the_way(reaches):
    adjoint = certify(Case(parse("a*0.1*0.3*0.7"), (1.0,))).adjoints[0]
    exact, error = Fraction(0.3) * Fraction(0.7), 0
    exact, error = rounded(exact, error, 1)
    factor = Fraction(0.1)
    exact, error = rounded(exact * factor, error * factor, 1)
    assert reaches(adjoint.faithful, exact, error)


def unused():
    """The square of the first input; of the second there is a sum that nothing uses."""
    nodes = (Input("a"), Input("b"), Apply(OPERATIONS["*"], (0, 0)), Apply(OPERATIONS["+"], (1, 1)))
    return Expression(nodes, output=2)


def test_what_the_output_does_not_use_has_no_adjoint():
    certificate = certify(Case(unused(), (3.0, 5.0)))
    assert [
        adjoint.truth == number
        for adjoint, number in zip(certificate.adjoints, (6, 0, 1, 0), strict=True)
    ] == [True] * 4


def test_a_constant_has_no_adjoint():
    expression = Expression((Input("a"), Constant(3.0), Apply(OPERATIONS["*"], (0, 1))))
    inputs = [arb(2)]
    found = adjoints(expression, values(expression, inputs, EXACT), EXACT)
    assert [found[0] == 3, found[1] == 0, found[2] == 1] == [True] * 3


def test_what_is_added_to_a_constant_may_share_its_contributions_with_the_sum():
    # 3 + (3n + 3n) node by node, and (3 + 3n) + 3n where a and a + 2 have one adjoint.
    a = 2.5209933093771877
    certified = certify(Case(parse("n4 = a + 2.0; 3.0*(1.5 + a + n4*n4)"), (a,))).adjoints[0]
    n = a + 2.0
    for gradient in (3.0 + (3.0 * n + 3.0 * n), (3.0 + 3.0 * n) + 3.0 * n):
        assert Comparison(gradient, certified).agrees
    assert not Comparison(math.nextafter(gradient, 1e9) * (1.0 + 2.0**-50), certified).agrees


def test_what_is_added_to_another_node_shares_no_contributions():
    # The sum of two is exact here, whatever the order of all three would be.
    case = Case(parse("n = a + b; 3.0*(1.5 + a + n*n)"), (2.5209933093771877, 2.0))
    assert certify(case).adjoints[0].allowed_error < 2.0**-48
    assert certify(case).adjoints[1].allowed_error == 0


@pytest.mark.parametrize("exponent", [0.3, 0.1, -0.3, 0.05])
@pytest.mark.parametrize("x", [1e-200, 1e-20, 0.7, 1e30, 1e200])
def test_the_exponent_of_a_derivative_is_rounded_where_it_is_no_float(exponent, x):
    # For 1e-200 ** -0.7 a hair of the exponent is 460 hairs of the power.
    derivative = certify(Case(parse(f"a**{exponent}"), (x,))).adjoints[0]
    assert Comparison(exponent * x ** (exponent - 1.0), derivative).agrees


def test_an_exponent_that_is_a_float_is_not_rounded():
    derivative = certify(Case(parse("a**2.5"), (1e-20,))).adjoints[0]
    assert Comparison(2.5 * 1e-30 * (1.0 + 2.0**-44), derivative).agrees is False


def test_an_adjoint_may_be_sent_back_through_an_absolute_value_by_a_product_and_a_quotient():
    a = 2.877068720864543
    certified = certify(Case(parse("n1 = abs(a); n1*n1"), (a,))).adjoints[0]
    assert Comparison((2.0 * a) * a / abs(a), certified).agrees
    assert not Comparison(2.0 * a * (1.0 + 2.0**-49), certified).agrees
