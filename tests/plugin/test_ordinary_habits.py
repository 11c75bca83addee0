"""-k, -x, --lf and Hypothesis's own options do what they always do."""

import re

import pytest

WRONG = "engine.broken:counts_square_once"


@pytest.fixture
def two_cases(case):
    """Two committed cases, of which the first fails."""
    case("a_wrong", engine=WRONG)
    case("b_right")


@pytest.mark.usefixtures("two_cases", "plain_tests")
def test_k_selects_cases_and_tests_by_name(pytester):
    result = pytester.runpytest_inprocess("-k", "b_right or good")
    result.assert_outcomes(passed=2, deselected=4)


@pytest.mark.usefixtures("two_cases", "plain_tests")
def test_x_stops_at_the_first_failure_with_it_saved(pytester, saved):
    result = pytester.runpytest_inprocess("-x")
    result.assert_outcomes(failed=1)
    assert len(saved()) == 1
    result.stdout.fnmatch_lines(["*= gradcheck =*", "*stopping after 1 failures*"])


@pytest.mark.usefixtures("two_cases", "plain_tests")
def test_lf_runs_what_failed_and_nothing_else(pytester):
    pytester.runpytest_inprocess().assert_outcomes(failed=2, passed=3, xfailed=1)
    result = pytester.runpytest_inprocess("--lf", "-v")
    assert result.parseoutcomes()["failed"] == 2
    assert "passed" not in result.parseoutcomes()
    ran = [line.split()[0] for line in result.outlines if "%]" in line]
    assert [name.rpartition("::")[2] for name in ran] == ["lost-contribution-of-mul", "test_bad"]


@pytest.mark.usefixtures("two_cases", "plain_tests")
def test_ff_puts_what_failed_before_what_is_committed(pytester):
    pytester.runpytest_inprocess("-k", "bad or right").assert_outcomes(
        failed=1, passed=1, deselected=4
    )
    result = pytester.runpytest_inprocess("--ff", "-v", "-k", "bad or right")
    ran = [line.split()[0] for line in result.outlines if "%]" in line]
    assert [name.partition("::")[0] for name in ran] == ["test_plain.py", "b_right.gradcase.json"]


SEEDED = """
from hypothesis import given
from gradcheck.strategies import cases

drawn = []

@given(cases())
def test_mine(case):
    drawn.append(case.point)

def test_print():
    print(f"DRAWN {len(drawn)} {hash(tuple(drawn))}")
"""


@pytest.fixture
def drawn(pytester, run_with_fresh_hypothesis):
    """How many cases a Hypothesis test of the user's draws, and a number that tells them apart."""
    pytester.makepyfile(test_seeded=SEEDED)

    def run(*words):
        result = run_with_fresh_hypothesis("-s", *words)
        assert result.ret == 0
        return re.search(r"DRAWN (\d+) (-?\d+)", str(result.stdout)).groups()

    return run


def test_hypothesis_seed_repeats_what_a_test_of_the_users_draws(drawn):
    once = drawn("--hypothesis-seed=1")
    assert once == drawn("--hypothesis-seed=1")
    assert once != drawn("--hypothesis-seed=2")


def test_hypothesis_profile_is_kept_in_a_test_of_the_users(drawn):
    assert drawn("--hypothesis-profile=few")[0] == "3"
