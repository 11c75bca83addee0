"""The fixture ``gradcheck``, which takes plain functions."""

import numpy  # noqa: F401, ICN001 - a process can load it only once, and pytester forgets modules
import pytest

from gradcheck.engine.broken.array_bugs import BUGS, RIGHT

TESTS = """
import pytest
from gradcheck import GradientMismatch, TraceError

def square(a):
    return a * a

def test_right(gradcheck):
    gradcheck(lambda a, b: (a*b + 3).tanh(), a=2.0, b=-3.0)

def test_an_engine_of_its_own(gradcheck):
    with pytest.raises(GradientMismatch, match="a contribution is lost"):
        gradcheck(square, a=3, engine="engine.broken:counts_square_once")

def test_in_order(gradcheck):
    gradcheck(lambda *numbers: sum(n * n for n in numbers if n > 0), 2.0, -3.0)

def test_some_of_each(gradcheck):
    with pytest.raises(TypeError, match="in order, or all by name"):
        gradcheck(lambda a, b: a*b, 2.0, b=3.0)

def test_wrong_where_it_decides(gradcheck):
    gradcheck(lambda a: a*a if a > 1 else a, 3.0)

def test_wrong(gradcheck):
    gradcheck(square, a=3.0)

def test_no_expression(gradcheck):
    gradcheck(lambda a: a // 2, a=1.0)

def test_no_number(gradcheck):
    with pytest.raises(ValueError, match="input a is nan"):
        gradcheck(square, a=float("nan"))
"""


@pytest.fixture
def run(pytester, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    pytester.makepyfile(test_functions=TESTS)
    return lambda *words: pytester.runpytest_inprocess("-p", "no:randomly", *words)


def test_a_function_is_judged_against_the_engine_of_the_flag(run):
    result = run("--gradcheck-engine", "engine:Value", "-k", "not no_expression")
    assert result.parseoutcomes()["passed"] == 7
    assert "failed" not in result.parseoutcomes()


def test_a_function_that_the_engine_gets_wrong_is_a_failure(run):
    result = run("--gradcheck-engine", "engine.broken:counts_square_once", "-k", "right or wrong")
    assert result.parseoutcomes()["failed"] == 2
    result.stdout.fnmatch_lines(
        [
            "*At fault is *: a contribution is lost.",
            "*The function was checked at this point only; it branches on values:",
            "*test_functions.py:*: a comparison was true",
            "FAILED *test_wrong_where_it_decides*",
            "FAILED *test_wrong*",
        ]
    )


def test_a_function_that_cannot_be_traced_is_reported_with_its_line(run):
    result = run("--gradcheck-engine", "engine:Value", "-k", "no_expression")
    line = 1 + next(n for n, line in enumerate(TESTS.strip().splitlines()) if "a // 2" in line)
    result.stdout.fnmatch_lines([f"*TraceError: *test_functions.py:{line}: // cannot be traced; *"])


def test_without_an_engine_it_says_what_to_pass(run):
    result = run("-k", "right or own")
    assert result.parseoutcomes() == {"passed": 1, "failed": 1, "deselected": 6}
    result.stdout.fnmatch_lines(["no engine under test: pass --gradcheck-engine *"])
    assert "Traceback" not in str(result.stdout)


def test_the_fixture_can_be_used_under_hypothesis(pytester):
    pytester.makepyfile(
        """
        from hypothesis import given, strategies as st

        @given(st.floats(-3, 3))
        def test_square(gradcheck, number):
            gradcheck(lambda a: a*a, a=number)
        """
    )
    result = pytester.runpytest_inprocess("--gradcheck-engine", "engine:Value")
    result.assert_outcomes(passed=1)


def test_a_function_of_arrays_is_judged_against_an_engine_of_arrays(pytester):
    pytester.makepyfile(tensor=RIGHT, broken=BUGS["broadcasting is not summed back"].source)
    pytester.makepyfile(
        test_functions="def test(gradcheck):\n"
        "    gradcheck(lambda x, b: ((x + b) * x).sum(), x=[[1, 2], [3, 4]], b=[5, 6])\n"
    )
    for engine, outcome in (("tensor.py:Tensor", "passed"), ("broken.py:Tensor", "failed")):
        result = pytester.runpytest_inprocess("--gradcheck-engine", engine)
        assert result.parseoutcomes() == {outcome: 1}
