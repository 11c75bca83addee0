"""What a float64 engine may make of one step: the bounds are reached, and end there."""

import math
from fractions import Fraction

import pytest
from flint import arb, ctx, fmpq

from gradcheck import Case, parse
from gradcheck.comparison import Comparison
from gradcheck.oracles.arithmetic import OUT_OF_RANGE, rounded
from gradcheck.oracles.certificate import certify
from gradcheck.precision import FLOAT64

ROUNDED = rounded(FLOAT64)
UNIT = Fraction(1, 2**53) * (1 + Fraction(1, 2**10))  # an engine may round twice
UNDERFLOW = Fraction(1, 2**1075)
GREATEST = Fraction(2**53 - 1) * 2**971
NO_FLOAT = 1 + Fraction(1, 2**60)


@pytest.fixture(autouse=True)
def _precision():
    """So many bits that every ball below has an exact midpoint."""
    with ctx.workprec(256):
        yield


def ball(number):
    return arb(fmpq(number.numerator, number.denominator))


def is_copied(result, original):
    """Whether nothing was added to a ball, not even a hair."""
    return (result.mid(), result.rad()) == (original.mid(), original.rad())


def test_the_largest_number_is_that_of_float64():
    assert Fraction(FLOAT64.largest) == GREATEST


@pytest.mark.parametrize("units", [1, 2, 3, 8])
@pytest.mark.parametrize("size", [Fraction(1), Fraction(-3), Fraction(2) ** 900])
def test_a_result_may_be_off_by_its_units_and_as_many_half_subnormals(reaches, units, size):
    number = size * NO_FLOAT
    result = ROUNDED.round(ball(number), units)
    assert reaches(result, number, units * (abs(number) * UNIT + UNDERFLOW))


@pytest.mark.parametrize("units", [1, 8])
def test_below_the_normal_range_the_subnormals_are_what_counts(reaches, units):
    number = UNDERFLOW * Fraction(11, 4)
    assert reaches(ROUNDED.round(ball(number), units), number, units * (number * UNIT + UNDERFLOW))


def test_a_ball_is_widened_around_all_it_holds(reaches):
    result = ROUNDED.round(arb(3, 2.0**-10), 1)
    radius = Fraction(1, 2**10)
    assert reaches(result, Fraction(3), radius + (3 + radius) * UNIT + UNDERFLOW)


@pytest.mark.parametrize("number", [3.0, -0.1, 5e-324, FLOAT64.largest])
def test_a_float_is_what_a_correctly_rounded_operation_returns(number):
    assert ROUNDED.round(arb(number), 1) == number


@pytest.mark.parametrize("units", [2, 8])
def test_a_float_is_not_what_other_operations_need_return(reaches, units):
    assert reaches(ROUNDED.round(arb(3), units), Fraction(3), units * (3 * UNIT + UNDERFLOW))


@pytest.mark.parametrize("units", [1, 2, 8])
def test_an_exact_zero_is_what_every_operation_returns(units):
    assert ROUNDED.round(arb(0), units) == 0


def test_a_ball_around_a_float_is_not_that_float():
    assert ROUNDED.round(arb(3, 2.0**-60), 1).rad() > 2.0**-53


def test_a_ball_around_zero_is_not_zero(reaches):
    radius = Fraction(1, 2**60)
    result = ROUNDED.round(arb(0, 2.0**-60), 1)
    assert reaches(result, Fraction(0), radius * (1 + UNIT) + UNDERFLOW)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("room", "in_range"), [(Fraction(5, 4) * UNIT, True), (Fraction(3, 4) * UNIT, False)]
)
def test_what_rounding_can_carry_past_the_largest_float_is_out_of_range(sign, room, in_range):
    number = ball(sign * GREATEST * (1 - room))
    assert ROUNDED.round(number, 1).is_finite() is in_range


def test_a_ball_that_ends_at_the_largest_float_is_in_range():
    largest = arb(FLOAT64.largest)
    radius = arb(0)
    for _ in range(3):  # the radius of the ball that is that much smaller
        radius = ROUNDED.round((largest - radius) / 2, 1).rad() * 2
    result = ROUNDED.round(largest - radius, 1)
    assert result.mid() + result.rad() == largest


def test_a_result_may_be_rounded_twice():
    # In 64 bits this is 1 + 2**-53, in the middle between two floats, and then 1.
    with ctx.workprec(128):
        exact = arb(1) + arb(2) ** -53 + arb(2) ** -65
        assert ROUNDED.round(exact, 1).contains(arb(1))
        assert not ROUNDED.round(exact + arb(2) ** -62, 1).contains(arb(1))


def test_more_than_the_largest_float_is_out_of_range_though_it_is_exact():
    assert ROUNDED.round(arb(2) ** 1024, 1).is_nan()


def test_what_left_the_range_stays_out_of_it():
    assert ROUNDED.round(OUT_OF_RANGE, 1).is_nan()
    assert ROUNDED.multiply(OUT_OF_RANGE, arb(2)).is_nan()
    assert ROUNDED.add([OUT_OF_RANGE, arb(1), arb(1)]).is_nan()


SOME_BALL = arb(3, 2.0**-10)


def test_a_product_by_one_is_a_copy():
    assert is_copied(ROUNDED.multiply(arb(1), SOME_BALL), SOME_BALL)
    assert is_copied(ROUNDED.multiply(SOME_BALL, arb(1)), SOME_BALL)


def test_a_product_by_minus_one_is_a_copy_with_the_other_sign():
    assert is_copied(ROUNDED.multiply(arb(-1), SOME_BALL), -SOME_BALL)
    assert is_copied(ROUNDED.multiply(SOME_BALL, arb(-1)), -SOME_BALL)


@pytest.mark.parametrize("factor", [arb(0.75), arb(1.25), arb(-0.75), arb(-1.25), arb(1, 2.0**-60)])
def test_any_other_product_rounds_once(factor):
    for x, y in ((factor, SOME_BALL), (SOME_BALL, factor)):
        assert is_copied(ROUNDED.multiply(x, y), ROUNDED.round(x * y, 1))


def test_a_product_by_zero_is_zero():
    assert ROUNDED.multiply(arb(0), SOME_BALL) == 0


def test_a_sum_of_one_term_is_a_copy():
    assert is_copied(ROUNDED.add([SOME_BALL]), SOME_BALL)


def test_a_sum_of_two_terms_rounds_once(reaches):
    number = NO_FLOAT - 4
    result = ROUNDED.add([ball(NO_FLOAT), arb(-4)])
    assert reaches(result, number, abs(number) * UNIT + UNDERFLOW)


def test_a_sum_of_two_terms_that_is_a_float_is_exact():
    assert ROUNDED.add([arb(0.5), arb(-3)]) == -2.5


SIGNED_TERMS = [NO_FLOAT, -2 * NO_FLOAT, 5 * NO_FLOAT, -NO_FLOAT / 4, NO_FLOAT / 16, 7 * NO_FLOAT]


@pytest.mark.parametrize("length", [3, 4, 6])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_longer_sum_loses_a_unit_of_all_sizes_for_each_addition(reaches, length, sign):
    terms = [sign * term for term in SIGNED_TERMS[:length]]
    additions = length - 1
    growth = additions * UNIT / (1 - additions * UNIT)
    error = growth * sum(abs(term) for term in terms)
    assert reaches(ROUNDED.add([ball(term) for term in terms]), sum(terms), error)


@pytest.mark.parametrize(
    ("room", "in_range"), [(Fraction(9, 4) * UNIT, True), (Fraction(7, 4) * UNIT, False)]
)
def test_a_sum_is_in_range_if_its_partial_sums_are_in_any_order(room, in_range):
    half = ball(GREATEST * (1 - room) / 2)
    quarter = half / 2
    assert ROUNDED.add([half, -quarter, -quarter]).is_finite() is in_range
    assert ROUNDED.add([-quarter, half, quarter]).is_finite() is in_range


# 321 * 28059810762433 is 2**53 + 1, in the middle between two floats: rounding loses all it can.
WORST_PRODUCT = Case(parse("a*b"), (321.0, 28059810762433.0))


@pytest.mark.parametrize(
    ("returned", "agrees"),
    [
        (2.0**53 - 1, False),
        (2.0**53, True),
        (2.0**53 + 2, True),
        (2.0**53 + 4, False),
    ],
)
def test_a_product_that_rounds_as_badly_as_can_be_is_accepted_and_nothing_beyond(returned, agrees):
    [*_, product] = certify(WORST_PRODUCT).values
    assert Comparison(returned, product).agrees is agrees


@pytest.mark.parametrize(
    ("returned", "agrees"),
    [
        (sum([1.0, 2.0**-53, 2.0**-53, 2.0**-53]), True),  # each addition loses half an ulp
        (sum([2.0**-53, 2.0**-53, 2.0**-53, 1.0]), True),
        (1.0 - 2.0**-53, False),
    ],
)
def test_a_sum_that_loses_a_unit_at_each_addition_is_accepted_and_nothing_beyond(returned, agrees):
    case = Case(parse("a*1 + a*u + a*u + a*u"), (1.0, 2.0**-53))
    adjoint = certify(case).adjoints[0]
    assert Comparison(returned, adjoint).agrees is agrees


@pytest.mark.parametrize(("ulps", "agrees"), [(4, True), (-4, True), (5, False), (-5, False)])
def test_four_ulps_of_tanh_are_allowed_among_the_subnormals_too(ulps, agrees):
    x = 2.0**-1060
    value = certify(Case(parse("tanh(a)"), (x,))).values[1]
    assert Comparison(x + ulps * math.ulp(x), value).agrees is agrees


@pytest.mark.parametrize(("subnormals", "agrees"), [(0, True), (1, True), (2, False), (-1, False)])
def test_half_a_subnormal_may_go_either_way_and_not_more(subnormals, agrees):
    [*_, value] = certify(Case(parse("a*0.5"), (5e-324,))).values
    assert Comparison(subnormals * 5e-324, value).agrees is agrees
