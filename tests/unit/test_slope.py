"""The slope: its step, and all that rounding and curvature can make of it."""

import math
from fractions import Fraction

import pytest
from flint import arb

from gradcheck import Case, parse
from gradcheck.comparison import Comparison
from gradcheck.oracles.certificate import Certified, certify
from gradcheck.oracles.slope import certify_slope, default_step, moved, slope
from gradcheck.precision import FLOAT64

UNIT = Fraction(1, 2**53)
UNDERFLOW = Fraction(1, 2**1075)


def certified(formula, *point, step, index=0):
    case = Case(parse(formula), point)
    return certify_slope(case, moved(case, index, step), certify(case), index, step)


@pytest.mark.parametrize(
    ("x", "step"),
    [
        (0.0, 2.0**-26),
        (1e-30, 2.0**-26),
        (-0.75, 2.0**-26),
        (1.0, 2.0**-26),
        (1.5, 2.0**-26),
        (2.0, 2.0**-25),
        (-3.0, 2.0**-25),
        (1e300, math.ldexp(1.0, 996 - 26)),
    ],
)
def test_the_step_is_the_power_of_two_below_the_number_by_that_of_half_a_float(x, step):
    assert default_step(x) == step


def test_the_step_is_the_distance_that_is_really_covered():
    x = math.nextafter(2.0, 0.0)  # beyond 2 the floats lie twice as far apart
    there = Fraction(x + 2.0**-26)
    assert default_step(x) == there - Fraction(x) != Fraction(1, 2**26)


def test_one_input_moves_and_the_others_stay():
    case = Case(parse("a*b"), (2.0, 3.0))
    assert moved(case, 1, 0.5) == Case(case.expression, (2.0, 3.5))


def test_nothing_moves_past_the_largest_float():
    assert moved(Case(parse("a"), (FLOAT64.largest,)), 0, FLOAT64.largest) is None


def test_the_slope_is_rise_over_run():
    assert slope(1.0, 4.0, 0.5) == 6.0


def interval_around(low, high):
    return (low + high) / 2, (high - low) / 2


def test_a_straight_line_loses_two_roundings_and_an_underflow(reaches):
    line = certified("a*3", 1.0, step=2.0**-20)
    assert line.truth == 3
    assert reaches(line.faithful, Fraction(3), 3 * (2 * UNIT + UNIT**2) + UNDERFLOW)


def test_a_flat_line_can_underflow_still(reaches):
    assert reaches(certified("a*0", 1.0, step=0.5).faithful, Fraction(0), UNDERFLOW)


@pytest.mark.parametrize("step", [0.5, -0.5, 1.0])
def test_a_curve_has_every_slope_that_it_has_on_the_way(reaches, step):
    ends = sorted(2 * Fraction(x) for x in (3.0, 3.0 + step))
    middle, half = interval_around(*ends)
    # The two roundings count for nothing beside the curvature, but for less than a hair.
    assert reaches(certified("a*a", 3.0, step=step).faithful, middle, half)


def test_the_other_inputs_stay_where_they_are(reaches):
    by_a = certified("a*a*b", 3.0, 2.0, step=0.5)
    assert reaches(by_a.faithful, *interval_around(Fraction(12), Fraction(14)))
    by_b = certified("a*a*b", 3.0, 2.0, step=0.5, index=1)
    assert by_b.truth == 9
    assert reaches(by_b.faithful, Fraction(9), 9 * (2 * UNIT + UNIT**2) + UNDERFLOW)


def test_a_step_too_small_for_the_number_is_no_distance(reaches):
    assert reaches(certified("a", 1.0, step=2.0**-60).faithful, Fraction(0), UNDERFLOW)


def test_a_step_that_is_rounded_counts_as_far_as_it_goes(reaches):
    # x + h rounds up to x + 2**-52, and the slope divides by h all the same.
    step = 2.0**-53 + 2.0**-60
    distance = Fraction(1, 2**52) / Fraction(step)
    line = certified("a", 1.0, step=step)
    assert reaches(line.faithful, distance, distance * (2 * UNIT + UNIT**2) + UNDERFLOW)


def test_both_values_bring_their_own_error(reaches):
    # Neither product is a float, so each value may be off by a unit of itself.
    step, factor = 2.0**-26, 0.1
    here, there = 1.1, 1.1 + 2.0**-26
    distance = Fraction(there) - Fraction(here)
    twice_rounded = UNIT * (1 + Fraction(1, 2**10))
    noise = (Fraction(here) + Fraction(there)) * Fraction(factor) * twice_rounded + 2 * UNDERFLOW
    rise = Fraction(factor) * distance
    total = noise + (rise + noise) * (2 * UNIT + UNIT**2)
    line = certified("a*0.1", here, step=step)
    assert reaches(line.faithful, rise / Fraction(step), total / Fraction(step) + UNDERFLOW)


def test_a_rise_of_the_largest_float_is_in_range():
    half = FLOAT64.largest / 2
    assert certified("a", -half, step=FLOAT64.largest).in_range


def test_a_rise_of_more_than_the_largest_float_is_not_in_range():
    assert not certified("a*2", -0.75 * (FLOAT64.largest / 2), step=0.75 * FLOAT64.largest).in_range


@pytest.mark.parametrize(("floats_below", "in_range"), [(3, True), (1, False)])
def test_a_slope_that_rounding_can_carry_past_the_largest_float_is_not_in_range(
    floats_below, in_range
):
    factor = FLOAT64.largest
    for _ in range(floats_below):
        factor = math.nextafter(factor, 0.0)
    assert certified(f"a*{factor!r}", 0.25, step=0.25).in_range is in_range


def test_a_slope_beyond_the_largest_float_is_not_in_range_though_both_values_are():
    assert not certified(f"a*a*{0.9 * FLOAT64.largest!r}", 1.0, step=2.0**-10).in_range


def test_a_slope_is_out_of_range_where_the_value_there_is():
    assert not certified("a*a", 1e154, step=1e154).in_range


def test_a_slope_is_out_of_range_where_the_value_here_is():
    assert not certified("a*a", 2e154, step=-1.5e154).in_range


def worst_slope():
    """A product whose rounding errors at the two ends are nearly the worst, in two directions."""
    factor, here = 28059810762433.0, 321.0  # the product is 2**53 + 1, in the middle of two floats

    def error(x):
        return Fraction(x * factor) - Fraction(x) * Fraction(factor)

    steps = [2.0**-26 * number for number in range(1, 4096)]
    step = max(steps, key=lambda step: abs(error(here + step) - error(here)))
    case = Case(parse(f"a*{factor!r}"), (here,))
    returned = slope(here * factor, (here + step) * factor, step)
    return case, step, returned


def test_the_slope_of_an_engine_that_rounds_as_badly_as_can_be_agrees():
    case, step, returned = worst_slope()
    bar = certify_slope(case, moved(case, 0, step), certify(case), 0, step)
    witness = Comparison(returned, bar)
    assert witness.agrees
    assert witness.error_share > 0.99


def test_a_bar_that_is_a_hundredth_too_tight_is_one_that_a_correct_engine_disagrees_with():
    case, step, returned = worst_slope()
    bar = certify_slope(case, moved(case, 0, step), certify(case), 0, step)
    tight = Certified(bar.truth, bar.truth + bar.allowed_error * arb(0.99))
    assert Comparison(returned, tight).agrees is False
