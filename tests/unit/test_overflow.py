"""Where every formula gives an infinity: at the first such number, and not a hair before it."""

import math
from fractions import Fraction

import pytest
from flint import arb, ctx

from gradcheck import parse
from gradcheck.oracles.overflow import overflow_of_value, overflowed_adjoints
from gradcheck.precision import FLOAT32, FLOAT64

HAIR = Fraction(1, 2**70)
PRECISIONS = pytest.mark.parametrize("precision", [FLOAT64, FLOAT32], ids=lambda p: p.name)


def unit_of(precision):
    return Fraction(precision.unit_roundoff) * (1 + Fraction(1, 2**10))


def ball(number):
    return arb(number.numerator) / number.denominator


def first_to_overflow(precision):
    return Fraction(precision.largest) * (1 + Fraction(precision.unit_roundoff))


def of_value(formula, *operands, precision=FLOAT64):
    """The infinity of the output, given its operands: the inputs, and then the constants."""
    expression = parse(formula)
    with ctx.workprec(256):
        values = [*map(ball, operands), arb("nan")]
        return overflow_of_value(expression, expression.output, values, precision)


@PRECISIONS
@pytest.mark.parametrize("units", [1, 8])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_value_overflows_where_all_that_it_may_lose_leaves_it_too_large(precision, units, sign):
    precise = precision.with_allowances({"+": units})
    least = first_to_overflow(precision) / (1 - units * unit_of(precision))

    def of_sum(total):
        return of_value("a + b", sign * total / 2, sign * total / 2, precision=precise)

    assert of_sum(least * (1 + HAIR)) == sign * math.inf
    assert of_sum(least * (1 - HAIR)) == 0.0


@pytest.mark.parametrize("sign", [1, -1])
def test_a_value_half_an_ulp_beyond_the_largest_float_is_rounded_to_an_infinity(sign):
    least = first_to_overflow(FLOAT64)
    assert of_value("-a", -sign * least) == sign * math.inf
    assert of_value("-a", -sign * (least - HAIR)) == 0.0


def test_a_result_by_other_formulas_overflows_from_twice_the_largest_float_on():
    def of_reciprocal_of_square(size):
        root = Fraction(math.isqrt(2**2400 * size.denominator // size.numerator), 2**1200)
        assert abs(root * root * size - 1) < HAIR
        return of_value("a**-2.0", root, Fraction(-2))

    twice = 2 * Fraction(FLOAT64.largest)
    assert of_reciprocal_of_square(twice * (1 - Fraction(1, 2**40))) == 0.0
    assert of_reciprocal_of_square(twice * (1 + Fraction(1, 2**40))) == math.inf


@pytest.mark.parametrize("operands", [(math.nan, 1e308), (1e308, math.nan)])
def test_a_value_of_an_operand_without_a_bound_does_not_have_to_overflow(operands):
    expression = parse("a + b")
    values = [*map(arb, operands), arb("nan")]
    assert overflow_of_value(expression, expression.output, values, FLOAT64) == 0.0


@PRECISIONS
@pytest.mark.parametrize("sign", [1, -1])
def test_an_adjoint_overflows_where_its_roundings_leave_it_too_large(precision, sign):
    unit = unit_of(precision)
    least, hair = first_to_overflow(precision) / (1 - unit) ** 2, unit / 2**16
    expression = parse("(a*b)*c")

    def of_first(adjoint):
        factor = Fraction(precision.largest) / 11  # no float, or the product by it may be exact
        with ctx.workprec(256):
            values = [ball(x) for x in (Fraction(0), sign * adjoint / factor, factor)]
            return overflowed_adjoints(expression, [*values, arb(0), arb(0)], precision)[0]

    assert of_first(least * (1 + hair)) == sign * math.inf
    assert of_first(least * (1 - hair)) == 0.0


@PRECISIONS
def test_an_adjoint_half_as_large_again_as_the_range_is_not_too_large_to_be_told(precision):
    # The product of three factors: the square root of the largest float, each.
    root = math.sqrt(precision.largest) / 2.0
    expression = parse("((a*b)*c)*d")
    values = [arb(0), arb(root), arb(root), arb(root), arb(0), arb(0), arb(0)]
    assert overflowed_adjoints(expression, values, precision)[0] == math.inf


def test_an_adjoint_within_the_range_does_not_overflow():
    expression = parse("a*b")
    values = [arb(0), arb(FLOAT64.largest), arb(0)]
    assert overflowed_adjoints(expression, values, FLOAT64) == [0.0, 0.0, 0.0]
