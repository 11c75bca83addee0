"""What a failed test prints: the table and the blame, and nothing of the harness."""

import re
import shutil

import pytest
import sympy
from hypothesis.internal import scrutineer

import gradcheck.strategies
from gradcheck import assertion

WRONG = "engine.broken:counts_square_once"

FIXTURE = """
import pytest
from gradcheck import Case, assert_gradients, parse

@pytest.mark.parametrize("number", [3.0])
def test_square(gradcheck_engine, number):
    assert_gradients(Case(parse("a*a"), (number,)), gradcheck_engine)

def test_function(gradcheck):
    gradcheck(lambda a: a*a, a=3.0)
"""


@pytest.fixture
def printed(pytester, monkeypatch):
    """The lines that a run prints in a terminal of some width."""

    def run(*words, columns=80):
        monkeypatch.setenv("COLUMNS", str(columns))
        result = pytester.runpytest_inprocess(*words)
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        return result.outlines

    return run


def failures(lines):
    """Return the lines between the headings of the failures and of the findings."""
    [start] = [i for i, line in enumerate(lines) if " FAILURES " in line]
    [end] = [i for i, line in enumerate(lines) if "= gradcheck =" in line]
    return lines[start:end]


HARNESS = ("assertion.py", "judging.py", "pytest_plugin", "def require_right")


@pytest.mark.parametrize("of", ["plain_tests", "hypothesis_test"])
def test_the_frames_of_the_harness_are_hidden(printed, request, of):
    request.getfixturevalue(of)
    text = "\n".join(failures(printed("-k", "bad or mine")))
    assert "At fault is *: a contribution is lost." in text
    assert not any(name in text for name in HARNESS)
    assert "def require_right" in "\n".join(printed("-k", "bad or mine", "--full-trace"))


def test_those_of_the_conformance_suite_are_hidden(printed):
    words = ("--pyargs", "gradcheck.conformance", "--gradcheck-engine", WRONG)
    text = "\n".join(failures(printed(*words, "-k", "test_graphs", "--maxfail=1")))
    assert "At fault is *: a contribution is lost." in text
    assert not any(name in text for name in HARNESS)


def test_nothing_is_wider_than_the_terminal(printed, pytester):
    pytester.makepyfile(FIXTURE)
    narrow = failures(printed("--gradcheck-engine", WRONG))
    assert max(map(len, narrow)) <= 80
    assert any(line.split() == ["E", "a:", "wrong-gradient"] for line in narrow)
    wide = failures(printed("--gradcheck-engine", WRONG, columns=120))
    assert any(line.split()[1:4] == ["backprop", "symbolic", "slope"] for line in wide)


def test_the_short_summary_names_the_blamed_operation(printed, pytester):
    pytester.makepyfile(FIXTURE)
    lines = printed("--gradcheck-engine", WRONG, columns=200)
    assert [line.partition(" - ")[2] for line in lines if line.startswith("FAILED")] == (
        ["*: a contribution is lost"] * 2
    )
    lines = printed("--gradcheck-engine", "engine.broken:overwrites_gradient", columns=200)
    assert [line.partition(" - ")[2] for line in lines if line.startswith("FAILED")] == (
        ["the engine as a whole: a contribution is lost"] * 2
    )


@pytest.mark.usefixtures("plain_tests")
def test_the_short_summary_is_the_same_with_xdist(printed):
    lines = printed("-n1", "-k", "bad")
    assert "FAILED test_plain.py::test_bad - *: a contribution is lost" in lines


@pytest.mark.usefixtures("plain_tests")
def test_another_failure_is_left_as_it_is(printed, pytester):
    pytester.makepyfile(test_other="import gradcheck\ndef test_other():\n    assert 1 == 2\n")
    lines = printed("-k", "other or bad")
    assert any(
        line.startswith("FAILED test_other.py::test_other - assert 1 == 2") for line in lines
    )


SEVERAL = """
from hypothesis import Phase, example, given, settings
from gradcheck import Case, assert_gradients, parse
from gradcheck.strategies import cases

@settings(phases=[Phase.explicit])
@example(Case(parse("a*b"), (1.0, 0.0)))
@example(Case(parse("a + a"), (0.0,)))
@given(cases())
def test_several(case):
    assert_gradients(case, {engine!r})
"""


def test_several_bugs_of_one_test_are_shown_alike(printed, pytester, engines):
    pytester.makepyfile(SEVERAL.format(engine=f"{engines / 'several_bugs.py'}:Three"))
    lines = printed()
    text = "\n".join(failures(lines))
    assert text.count("At fault is ") == 2
    assert not any(name in text for name in HARNESS)
    [summary] = [line for line in printed(columns=200) if line.startswith("FAILED")]
    assert "+: a contribution is lost" in summary
    assert "*: its derivative is wrong" in summary


EXPLAINED = """
from hypothesis import given, settings
from gradcheck import assert_gradients
from gradcheck.strategies import cases

@settings(deadline=None, derandomize=True, database=None)
@given(cases(max_ops=4))
def test_mine(case):
    assert_gradients(case, "mine.py:Value")
"""

BROKEN = """
import plain

class Value(plain.Value):
    def __mul__(self, other):
        out = super().__mul__(other)
        if other is self and self.data != 0.0:
            out.partials = (self.data, 0.0)
        return out
"""


TRACE_ALL = """
import gradcheck.strategies
from hypothesis.internal import scrutineer

scrutineer.should_trace_file = lambda file: not file.startswith("<")
"""


@pytest.mark.parametrize("traces_all", [False, True])
def test_hypothesis_explains_no_failure_by_lines_of_the_harness(pytester, engines, traces_all):
    shutil.copy(engines / "plain.py", pytester.path)
    pytester.makepyfile(EXPLAINED, mine=BROKEN)
    if traces_all:
        pytester.makeconftest(TRACE_ALL)
    lines = pytester.runpytest_subprocess("-p", "no:cacheprovider").outlines
    places = [line for line in lines if line.startswith("E   ") and ".py:" in line]
    assert any(str(pytester.path) not in place for place in places[1:]) is traces_all
    [case] = [line for line in lines if "case=case(" in line]
    assert re.fullmatch(r'E +case=case\("a\*a", a=\S+\),', case)


def test_hypothesis_traces_the_engine_alone(engines):
    assert gradcheck.strategies
    assert scrutineer.should_trace_file(str(engines / "plain.py"))
    for module in (assertion, sympy, shutil):
        assert not scrutineer.should_trace_file(module.__file__)
