"""The proof of a case: how sharp it is, what it allows, and that it may not contradict itself."""

import math
from fractions import Fraction

import pytest
from flint import arb, ctx

from gradcheck import Case, parse
from gradcheck.oracles.arithmetic import OUT_OF_RANGE
from gradcheck.oracles.certificate import (
    Certified,
    OracleDisagreementError,
    certify,
    require_agreement,
)
from gradcheck.oracles.symbolic import evaluate, whole_formula


def case(formula, *point):
    return Case(parse(formula), point)


@pytest.mark.parametrize(
    ("truth", "rounded", "furthest"),
    [
        (arb(1), arb(1.25), Fraction(1, 4)),
        (arb(1.25), arb(1), Fraction(1, 4)),
        (arb(-1), arb(-1), Fraction(0)),
    ],
)
def test_the_allowed_error_is_a_distance(truth, rounded, furthest):
    assert Certified(truth, rounded).allowed_error == arb(float(furthest))


def test_the_allowed_error_reaches_from_the_far_end_of_the_one_to_that_of_the_other(reaches):
    allowed = Certified(truth=arb(1, 2.0**-20), faithful=arb(1.5, 2.0**-10)).allowed_error
    furthest = Fraction(1, 2) + Fraction(1, 2**10) + Fraction(1, 2**20)
    assert reaches(arb(0, allowed), Fraction(0), furthest)


def test_a_number_is_in_range_unless_a_rounded_result_left_it():
    assert Certified(arb(1), arb(1)).in_range is True
    assert Certified(arb(1), OUT_OF_RANGE).in_range is False


# The derivative of tanh is about 4*exp(-2x), a difference of numbers near 1: x costs 2.9 bits.
@pytest.mark.parametrize(
    ("x", "bits"), [(20.0, 128), (25.0, 256), (100.0, 512), (300.0, 1024), (400.0, 1024)]
)
def test_the_precision_doubles_until_the_gradient_is_sharp_or_it_has_doubled_enough(x, bits):
    certificate = certify(case("tanh(a)", x))
    assert certificate.working_bits == bits
    with ctx.workprec(2048):
        assert certificate.adjoints[0].truth.contains(1 - arb(x).tanh() ** 2)


def test_64_bits_are_sharp_and_63_are_not():
    seen = set()
    for x in (20.0 + number / 16 for number in range(64)):
        with ctx.workprec(128):
            known = (1 - arb(x).tanh() ** 2).rel_accuracy_bits()
        assert (certify(case("tanh(a)", x)).working_bits == 128) is (known >= 64)
        seen.add(known)
    assert {63, 64} <= seen


def test_the_value_has_to_be_sharp_too():
    # What tanh(0.5) differs by from the two floats that come nearest to it: 107 bits are lost.
    with ctx.workprec(256):
        nearest = float(arb(0.5).tanh())
        rest = float(arb(0.5).tanh() - nearest)
    certificate = certify(case(f"tanh(a) + {-nearest!r} + {-rest!r}", 0.5))
    assert certificate.working_bits == 256


def test_a_constant_or_an_operation_between_does_not_have_to_be_sharp():
    # n cancels to a number that 128 bits do not know, but it hardly counts in what is asked for.
    with ctx.workprec(256):
        nearest = float(arb(0.5).tanh())
        rest = float(arb(0.5).tanh() - nearest)
    certificate = certify(case(f"n = tanh(a) + {-nearest!r} + {-rest!r}; n + 1", 0.5))
    assert certificate.working_bits == 128


def test_a_sharp_case_takes_the_first_precision():
    assert certify(case("a*b", 0.1, 0.3)).working_bits == 128


def test_an_unresolved_cancellation_takes_the_last_precision():
    assert certify(case("tanh(a) + tanh(a)*(-1)", 0.5)).working_bits == 1024


def other_route(case, certificate):
    """Return a wrong derivative of the whole formula with respect to the first input."""
    with ctx.workprec(certificate.working_bits):
        return evaluate(whole_formula(case.expression), case.point)[0]


@pytest.mark.parametrize("side", [1, -1])
def test_an_enclosure_that_is_too_narrow_by_a_hair_is_rejected(side, lying_certificate):
    asked = case("tanh(a)*a", 0.5)
    whole = other_route(asked, certify(asked))
    with ctx.workprec(1024):
        end = whole.mid() + side * whole.rad()
        beyond = end + side * whole.rad() * arb(2) ** -500
    assert require_agreement(asked, lying_certificate(asked, end))
    with pytest.raises(OracleDisagreementError, match="the derivative with respect to a"):
        require_agreement(asked, lying_certificate(asked, beyond))


def test_every_input_is_compared_and_the_one_that_disagrees_is_named(lying_certificate):
    asked = case("a*b", 2.0, 3.0)
    with pytest.raises(OracleDisagreementError, match=r"with respect to b is 2.* but 2\.5"):
        require_agreement(asked, lying_certificate(asked, arb(2.5), of=1))


def test_a_formula_that_is_too_large_for_the_other_route_is_not_said_to_agree():
    asked = case("+".join(["a"] * 22), 1.0)
    assert require_agreement(asked, certify(asked)) is False


def test_an_overflow_is_told_whatever_the_working_precision_around_it():
    with ctx.workprec(2):
        overflowed = certify(case("(a*b)*c", 0.0, 1.4e154, 1.3e154))
        assert overflowed.adjoints[0].overflow == math.inf
        assert certify(case("a*b", 1.4e154, 1.3e154)).values[2].overflow == math.inf


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("other", [0.0, 0.25, 1.0])
def test_each_of_two_nodes_at_a_kink_may_take_a_side_of_its_own(share, other):
    certificate = certify(case("max(a, b) + relu(c)", 1.0, 1.0, 0.0))
    assert len(certificate.kinks) == 2
    assert certificate.allows_shares([share, 1.0 - share, other])


@pytest.mark.parametrize(("gradient", "allowed"), [([0.5, 0.5], True), ([1.0, 1.0], False)])
def test_the_two_operands_of_one_node_at_a_kink_share_its_gradient(gradient, allowed):
    assert certify(case("max(a, b)", 1.0, 1.0)).allows_shares(gradient) is allowed
