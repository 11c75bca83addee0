"""Findings of failed tests: saved, and listed at the end of the run."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from gradcheck.conformance.properties import NUMBERS
from gradcheck.findings.case_file import read_finding

ENGINES = Path(__file__).parents[1] / "engines"

SQUARE = "lost-contribution-of-mul-24a92259"
"""The folder of a*a at a = 1."""

LISTED = [
    "*= gradcheck =*",
    "test_hypothesis.py::test_mine: lost-contribution-of-mul: a?a at a = 1.0",
    f"  case: reports/engine.broken.counts_square_once/{SQUARE}/case.json",
    f"  diagram: reports/engine.broken.counts_square_once/{SQUARE}/graph.svg",
    f"  replay: python -m gradcheck replay reports/engine.broken.counts_square_once/{SQUARE}",
]


@pytest.mark.parametrize("words", [(), ("-p", "no:cacheprovider"), ("-q", "--tb=no")], ids=" ".join)
@pytest.mark.usefixtures("hypothesis_test")
def test_the_smallest_case_is_saved_and_listed_once(pytester, saved, words):
    result = pytester.runpytest_inprocess(*words)
    result.stdout.fnmatch_lines(LISTED, consecutive=True)
    assert str(result.stdout).count("replay: ") == 1
    assert saved() == [SQUARE]
    [file] = pytester.path.rglob("case.json")
    assert read_finding(file).smallest.case.point == (1.0,)
    assert (file.parent / "graph.svg").is_file()


@pytest.mark.usefixtures("hypothesis_test", "plain_tests")
def test_findings_are_saved_and_listed_with_xdist(pytester, saved):
    result = pytester.runpytest_inprocess("-n2", "-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(LISTED[1:], consecutive=True)
    assert result.parseoutcomes() == {"failed": 2, "passed": 2, "xfailed": 1}
    assert str(result.stdout).count("replay: ") == 2
    assert saved() == [SQUARE]  # it is the same bug, so the smallest case is the same


@pytest.mark.usefixtures("hypothesis_test")
def test_junit_xml_has_the_finding(pytester):
    pytester.runpytest_inprocess("--junitxml=junit.xml")
    properties = ET.parse(pytester.path / "junit.xml").getroot().iter("property")
    found = {one.get("name"): one.get("value") for one in properties}
    ours = {name for name in found if name.startswith("gradcheck.")}
    assert ours == {f"gradcheck.{name}" for name in ("bug", "case", "diagram", "replay")}
    assert found["gradcheck.bug"] == "lost-contribution-of-mul: a*a at a = 1.0"
    assert (pytester.path / found["gradcheck.case"]).is_file()
    assert found["gradcheck.replay"].endswith(SQUARE)


@pytest.mark.usefixtures("plain_tests")
def test_an_expected_error_is_not_saved(pytester, saved):
    result = pytester.runpytest_inprocess("-k", "good or caught or expected")
    assert result.parseoutcomes() == {"passed": 2, "xfailed": 1, "deselected": 1}
    assert saved() == []
    result.stdout.no_fnmatch_line("*= gradcheck =*")


@pytest.mark.usefixtures("plain_tests")
def test_a_failure_is_saved(pytester, saved):
    pytester.runpytest_inprocess("-k", "bad")
    assert len(saved()) == 1


SEVERAL = """
from hypothesis import Phase, example, given, settings
from gradcheck import Case, assert_gradients, parse
from gradcheck.strategies import cases

@settings(phases=[Phase.explicit])
@example(Case(parse("a*b"), (1.0, 0.0)))
@example(Case(parse("a + a"), (0.0,)))
@example(Case(parse("b + b"), (2.0,)))
@given(cases())
def test_several(case):
    assert_gradients(case, {engine!r})
"""


def test_several_bugs_of_a_hypothesis_test_are_all_saved(pytester, saved, engines):
    pytester.makepyfile(SEVERAL.format(engine=f"{engines / 'several_bugs.py'}:Three"))
    result = pytester.runpytest_inprocess()
    # Two of the three cases show the same bug, and Hypothesis can tell.
    result.stdout.fnmatch_lines(["*ExceptionGroup: Hypothesis found 2 distinct failures*"])
    assert [name.rpartition("-")[0] for name in saved()] == [
        *("lost-contribution-of-add", "wrong-partial-of-mul")
    ]
    assert str(result.stdout).count("replay: ") == 2


GROUPS = """
from gradcheck import Case, GradientMismatch, assert_gradients, parse

def mismatch(formula):
    try:
        assert_gradients(Case(parse(formula), (3.0,)), "engine.broken:{engine}")
    except GradientMismatch as error:
        return error

def test_groups():
    inner = ExceptionGroup("inner", [mismatch("{second}"), ValueError()])
    raise ExceptionGroup("outer", [KeyError(), mismatch("{first}"), inner])
"""


def test_nested_exception_groups_are_searched(pytester, saved):
    pytester.makepyfile(GROUPS.format(engine="seed_of_two", first="a*a", second="a*a"))
    pytester.runpytest_inprocess()
    assert [name.rpartition("-")[0] for name in saved()] == ["wrong-seed"]


def test_a_failure_of_another_kind_saves_nothing(pytester, saved):
    pytester.makepyfile(
        "import gradcheck.assertion\ndef test(): raise ExceptionGroup('', [OSError()])"
    )
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    assert saved() == []
    result.stdout.no_fnmatch_line("*= gradcheck =*")


def test_a_failure_in_a_fixture_is_listed_once(pytester, saved):
    pytester.makepyfile(
        """
        import pytest
        from gradcheck import Case, assert_gradients, parse

        @pytest.fixture
        def broken():
            yield
            assert_gradients(Case(parse("a*a"), (3.0,)), "engine.broken:counts_square_once")

        def test_it(broken):
            assert_gradients(Case(parse("a*a"), (3.0,)), "engine.broken:counts_square_once")
        """
    )
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=1, errors=1)
    assert len(saved()) == 1
    assert str(result.stdout).count("= gradcheck =") == 1


@pytest.mark.usefixtures("plain_tests")
def test_the_output_folder_can_be_chosen(pytester, saved):
    result = pytester.runpytest_inprocess("-k", "bad", "--gradcheck-output", "my findings")
    assert len(saved("my findings")) == 1
    assert saved() == []
    result.stdout.fnmatch_lines(["  replay: python -m gradcheck replay 'my findings/*'"])


def test_reports_are_below_the_root_folder(pytester, saved, monkeypatch, plain_tests):
    pytester.makeini("[pytest]")
    folder = pytester.path / "tests"
    folder.mkdir()
    plain_tests.rename(folder / plain_tests.name)
    monkeypatch.chdir(folder)
    result = pytester.runpytest_inprocess("-k", "bad")
    assert len(saved()) == 1
    result.stdout.fnmatch_lines([f"  case: {pytester.path}/reports/*"])


@pytest.mark.usefixtures("plain_tests")
def test_a_folder_that_cannot_be_written_does_not_hide_the_failure(pytester):
    (pytester.path / "reports").write_text("a file where the folder should be")
    result = pytester.runpytest_inprocess("-k", "bad")
    result.assert_outcomes(failed=1, deselected=3)
    result.stdout.fnmatch_lines(
        [
            "*At fault is ?: a contribution is lost.",
            "*::test_bad: lost-contribution-of-mul: a?a at a = 1.0",
            "  not saved: *Error: *reports*",
            "FAILED *::test_bad*",
        ]
    )
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


def test_a_long_formula_is_cut(pytester):
    formula = " + ".join(["a*a"] * 100)
    pytester.makepyfile(
        f"""
        def test_long(gradcheck):
            gradcheck(lambda a: {formula}, a={NUMBERS[0]}, engine="engine.broken:seed_of_two")
        """
    )
    result = pytester.runpytest_inprocess("--tb=no")
    [line] = [line for line in result.outlines if "::test_long: wrong-seed: " in line]
    assert "… at a = 0.5" in line
    assert len(line) < 300


COMPOSED = """
from gradcheck import Case, assert_gradients, parse

def test_quotient():
    assert_gradients(Case(parse("a/b"), (3.0, 0.5)), "composed.py:{engine}")
"""


@pytest.mark.parametrize(("engine", "lines"), [("WrongPower", 1), ("WrongQuotient", 0)])
def test_the_operation_to_mend_first_is_listed(pytester, engine, lines):
    for name in ("composed.py", "plain.py"):
        (pytester.path / name).write_text((ENGINES / name).read_text())
    pytester.makepyfile(COMPOSED.format(engine=engine))
    result = pytester.runpytest_inprocess()
    result.stdout.fnmatch_lines("*test_quotient: wrong-partial-of-div: *")
    assert str(result.stdout).count("  mend first: **, as / uses it\n") == lines
