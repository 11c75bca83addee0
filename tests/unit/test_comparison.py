"""One number beside its truth: where it starts to be wrong, imprecise, or undecided."""

import math
from fractions import Fraction

import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.comparison import (
    Comparison,
    gradient_kind_if_wrong,
    is_certainly_correct,
    value_kind_if_wrong,
)
from gradcheck.kind import Kind, Reason
from gradcheck.oracles.arithmetic import OUT_OF_RANGE
from gradcheck.oracles.certificate import Certified

LEAST = 2.0**-1022


def certified(truth, allowed):
    """A truth and a bound that are exact: what may be returned lies to one side alone."""
    return Certified(truth=arb(truth), faithful=arb(truth) + arb(allowed))


def just_beyond(number, centre):
    """The next float further away."""
    return math.nextafter(number, math.copysign(math.inf, number - centre))


@pytest.mark.parametrize("truth", [1.0, -3.0, 0.0])
@pytest.mark.parametrize("allowed", [2.0**-50, -(2.0**-50)])
@pytest.mark.parametrize("side", [1, -1])
def test_a_number_at_the_bound_agrees_and_the_next_float_does_not(truth, allowed, side):
    at_the_bound = truth + side * allowed
    assert Comparison(at_the_bound, certified(truth, allowed)).agrees is True
    beyond = just_beyond(at_the_bound, truth)
    assert Comparison(beyond, certified(truth, allowed)).agrees is False


def test_a_bound_of_zero_leaves_no_room():
    assert Comparison(3.0, certified(3.0, 0.0)).agrees is True
    assert Comparison(math.nextafter(3.0, 4.0), certified(3.0, 0.0)).agrees is False


def test_a_truth_that_is_not_sharp_has_to_exclude_the_number_from_all_of_its_enclosure():
    truth = Certified(truth=arb(1, 2.0**-40), faithful=arb(1, 2.0**-38))
    bound = float(truth.allowed_error)
    assert bound > 2.0**-38
    assert Comparison(1.0 + bound + 2.0**-41, truth).agrees is True
    assert Comparison(1.0 + bound + 2.0**-38, truth).agrees is False


@pytest.mark.parametrize("returned", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_a_fault_where_the_truth_is_one(returned):
    witness = Comparison(returned, certified(1.0, 1.0))
    assert (witness.is_finite, witness.agrees) == (False, False)
    assert value_kind_if_wrong(witness) is Kind.NON_FINITE


@pytest.mark.parametrize("returned", [math.nan, math.inf, 0.0])
def test_nothing_is_proved_against_a_number_that_has_no_bound(returned):
    unbounded = Comparison(returned, Certified(truth=arb(1), faithful=OUT_OF_RANGE))
    assert unbounded.agrees is None
    assert value_kind_if_wrong(unbounded) is None
    assert unbounded.undecided is Reason.OVERFLOW


@pytest.mark.parametrize("overflow", [math.inf, -math.inf])
def test_where_all_overflows_only_that_infinity_is_correct_and_a_nan_is_undecided(overflow):
    bound = Certified(truth=arb(1), faithful=OUT_OF_RANGE, overflow=overflow)
    witnesses = {x: Comparison(x, bound) for x in (overflow, -overflow, 1.0)}
    assert [witness.agrees for witness in witnesses.values()] == [True, False, False]
    assert [witness.undecided for witness in witnesses.values()] == [None] * 3
    for unknown in (math.nan, None):
        assert Comparison(unknown, bound).agrees is None
        assert Comparison(unknown, bound).undecided is Reason.OVERFLOW


def test_nothing_is_proved_against_a_number_that_was_not_returned():
    missing = Comparison(None, certified(1.0, 1.0))
    assert (missing.is_finite, missing.agrees, missing.error_share) == (False, None, None)
    assert value_kind_if_wrong(missing) is None


@pytest.mark.parametrize(
    ("returned", "share"), [(1.0, 0.0), (1.25, 0.5), (0.5, 1.0), (1.5, 1.0), (2.5, 3.0)]
)
def test_the_share_is_the_error_by_the_bound(returned, share):
    assert Comparison(returned, certified(1.0, 0.5)).error_share == share


def test_the_share_of_no_room_at_all_is_all_or_nothing():
    assert Comparison(1.0, certified(1.0, 0.0)).error_share == 0.0
    assert Comparison(1.25, certified(1.0, 0.0)).error_share == 1.0


def test_there_is_no_share_without_a_number_or_a_bound():
    assert Comparison(math.nan, certified(1.0, 0.5)).error_share is None
    assert Comparison(1.0, Certified(truth=arb(1), faithful=OUT_OF_RANGE)).error_share is None


# Half of the digits of 1 are right up to an error of sqrt(2**-53), which is about 2**-26.5: the
# last number with them is the greatest float 1 + m * 2**-52 whose square error is at most 2**-53.
HALF_RIGHT = 1.0 + math.isqrt(2**51) * 2.0**-52


def test_half_of_the_digits_right_is_imprecise_and_a_float_beyond_is_wrong():
    error = Fraction(HALF_RIGHT) - 1
    assert error**2 <= Fraction(1, 2**53) < (error + Fraction(1, 2**52)) ** 2
    truth = certified(1.0, 0.0)
    assert value_kind_if_wrong(Comparison(HALF_RIGHT, truth)) is Kind.IMPRECISE_VALUE
    assert (
        value_kind_if_wrong(Comparison(math.nextafter(HALF_RIGHT, 2.0), truth)) is Kind.WRONG_VALUE
    )


@pytest.mark.parametrize("scale", [1024.0, -1024.0, 2.0**-20])
def test_the_digits_are_counted_from_the_size_of_the_truth(scale):
    truth = certified(scale, 0.0)
    assert value_kind_if_wrong(Comparison(HALF_RIGHT * scale, truth)) is Kind.IMPRECISE_VALUE
    beyond = just_beyond(HALF_RIGHT * scale, scale)
    assert value_kind_if_wrong(Comparison(beyond, truth)) is Kind.WRONG_VALUE


@pytest.mark.parametrize(
    ("returned", "truth", "relative"),
    [(3.0, 2.0, 0.5), (1.0, -2.0, 1.5), (2.0, 2.0, 0.0), (1.0, 0.0, math.inf)],
)
def test_the_relative_error_is_a_share_of_the_truth(returned, truth, relative):
    assert Comparison(returned, certified(truth, 0.0)).relative_error == relative


@pytest.mark.parametrize("returned", [None, math.nan, math.inf])
def test_what_is_no_number_is_infinitely_wrong(returned):
    assert Comparison(returned, certified(1.0, 0.0)).relative_error == math.inf


def test_a_number_that_agrees_has_no_fault():
    assert value_kind_if_wrong(Comparison(1.0, certified(1.0, 0.0))) is None


def test_a_gradient_is_at_fault_in_words_of_its_own():
    truth = certified(1.0, 0.0)
    assert gradient_kind_if_wrong(1.0, truth, used=True) is None
    assert gradient_kind_if_wrong(2.0, truth, used=True) is Kind.WRONG_GRADIENT
    assert gradient_kind_if_wrong(HALF_RIGHT, truth, used=True) is Kind.IMPRECISE_GRADIENT
    assert gradient_kind_if_wrong(math.nan, truth, used=True) is Kind.NON_FINITE


def test_no_gradient_is_missing_where_it_is_used_and_zero_where_it_is_not():
    assert gradient_kind_if_wrong(None, certified(0.0, 0.0), used=True) is Kind.MISSING_GRADIENT
    assert gradient_kind_if_wrong(None, certified(0.0, 0.0), used=False) is None
    assert gradient_kind_if_wrong(None, certified(1.0, 0.0), used=False) is Kind.WRONG_GRADIENT


def test_a_bound_of_a_fifth_is_too_wide():
    assert Comparison(5.0, certified(5.0, 1.0)).undecided is Reason.ILL_CONDITIONED


@pytest.mark.parametrize("scale", [1.0, -1.0, 2.0**20, 2.0**-20])
def test_a_bound_of_a_tenth_decides_and_a_wider_one_does_not(scale):
    truth, tenth = 10.0 * scale, abs(scale)
    assert Comparison(truth, certified(truth, tenth)).undecided is None
    wider = certified(truth, math.nextafter(tenth, math.inf))
    assert Comparison(truth, wider).undecided is Reason.ILL_CONDITIONED


def test_a_bound_of_less_than_a_tenth_decides():
    assert Comparison(10.0, certified(10.0, 0.5)).undecided is None


def test_a_bound_of_zero_decides_even_that_a_number_is_zero():
    assert Comparison(0.0, certified(0.0, 0.0)).undecided is None


def test_what_is_not_decided_is_an_underflow_below_the_least_normal_number():
    assert Comparison(LEAST, certified(LEAST, LEAST)).undecided is Reason.ILL_CONDITIONED
    below = math.nextafter(LEAST, 0.0)
    assert Comparison(below, certified(below, LEAST)).undecided is Reason.UNDERFLOW
    assert Comparison(-LEAST, certified(-LEAST, LEAST)).undecided is Reason.ILL_CONDITIONED


@pytest.mark.parametrize("size", [1.0, 2.0**-1022])
@pytest.mark.parametrize("share", [2.0**-8, 0.5, 1.0 - 2.0**-8, 1.0])
def test_the_bound_is_shown_as_the_least_float_that_is_no_smaller(size, share):
    gap = math.ulp(size)
    with ctx.workprec(2048):
        bound = Certified(truth=arb(0), faithful=arb(size) + arb(gap) * arb(share))
        assert Comparison(0.0, bound).allowed_error == size + gap


def test_a_bound_that_is_a_float_is_shown_as_it_is():
    assert Comparison(0.0, certified(0.0, 0.1)).allowed_error == 0.1


def test_a_bound_that_there_is_not_is_shown_as_nan():
    assert math.isnan(Comparison(0.0, Certified(arb(1), OUT_OF_RANGE)).allowed_error)


def test_the_truth_is_shown_as_its_midpoint():
    assert Comparison(0.0, Certified(arb(0.1, 2.0**-60), arb(0.1))).true == 0.1


def test_a_truth_known_to_one_bit_is_shown_and_one_known_to_none_is_zero():
    assert Comparison(0.0, Certified(arb(1, 0.25), arb(1, 4))).true == 1.0
    assert Comparison(0.0, Certified(arb(1, 0.5), arb(1, 4))).true == 0.0
    assert Comparison(0.0, Certified(arb(1, 2.0), arb(1, 4))).true == 0.0


@given(st.floats(0.5, 1.5), st.floats(-1.0, 1.0), st.floats(0.0, 0.2), st.floats(-1.2, 1.2))
def test_what_is_certainly_correct_agrees_and_is_decided_wherever_the_truth_is(
    middle, share, radius, at
):
    """Of a ball that holds the truth at some share of its radius."""
    enclosed = arb(middle, radius)
    number = middle + at * radius
    if is_certainly_correct(number, enclosed):
        truth = enclosed.mid() + arb(share) * enclosed.rad()
        witness = Comparison(number, Certified(truth, enclosed))
        assert witness.agrees
        assert witness.undecided is None


@pytest.mark.parametrize(
    ("number", "enclosed", "expected"),
    [
        (1.0, arb(1), True),
        (0.0, arb(0), True),
        (1.0, arb(1, 0.04), True),
        (1.02, arb(1, 0.04), True),
        (1.05, arb(1, 0.04), False),
        (1.0, arb(1, 0.05), False),
        (0.5, arb(0), False),
        (0.0, arb(0, 1e-9), False),
        (math.nan, arb(1, 0.04), False),
        (math.inf, arb(1, 0.04), False),
        (None, arb(0), False),
        (1.0, OUT_OF_RANGE, False),
    ],
)
def test_a_number_is_certainly_correct_in_a_narrow_ball_only(number, enclosed, expected):
    assert is_certainly_correct(number, enclosed) is expected
