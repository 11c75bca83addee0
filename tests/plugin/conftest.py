"""Runs of pytest within pytest."""

import importlib
from pathlib import Path

import pytest
from hypothesis import core, settings

from gradcheck import Case, check, parse
from gradcheck.findings.case_file import case_file
from helpers.findings import finding_of

ENGINES = Path(__file__).parents[1] / "engines"

# Imported once for all runs in this process: pytester forgets what such a run has imported.
for module in ("checking", "pytest_plugin.case_files", "pytest_plugin.saving"):
    importlib.import_module(f"gradcheck.{module}")

HYPOTHESIS_TEST = """
from hypothesis import Phase, given, settings
from gradcheck import assert_gradients
from gradcheck.strategies import cases

# Without the search for lines that explain a failure, which takes long.
quick = settings(deadline=None, derandomize=True, phases=[Phase.generate, Phase.shrink])

@quick
@given(cases(max_ops=3))
def test_mine(case):
    assert_gradients(case, "engine.broken:counts_square_once")
"""

PLAIN_TESTS = """
import pytest
from gradcheck import Case, GradientMismatch, assert_gradients, parse

SQUARE = Case(parse("a*a"), (3.0,))

def test_good():
    assert_gradients(SQUARE, "engine:Value")

def test_bad():
    assert_gradients(SQUARE, "engine.broken:counts_square_once")

def test_caught():
    with pytest.raises(GradientMismatch):
        assert_gradients(SQUARE, "engine.broken:counts_square_once")

@pytest.mark.xfail(strict=True)
def test_expected():
    assert_gradients(SQUARE, "engine.broken:counts_square_once")
"""


@pytest.fixture
def case(pytester):
    """Writes a case as a finding of an engine saves it."""

    def write(name, formula="a*a", *, engine="engine:Value"):
        expression = parse(formula)
        wrong = "engine.broken:counts_square_once"
        verdict = check(Case(expression, (3.0,) * len(expression.inputs)), wrong)
        file = pytester.path / f"{name}.gradcase.json"
        file.write_text(case_file(finding_of(verdict), seen_before=()).replace(wrong, engine))
        return file

    return write


@pytest.fixture(autouse=True)
def _on_nobodys_ci(monkeypatch):
    """GitHub and Hypothesis's profile for CI are asked for where they are under test."""
    for name in ("CI", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run_with_fresh_hypothesis(pytester):
    """Runs pytest as if Hypothesis had just been imported, and puts back what the run changes."""

    def run(*words):
        profile = settings.get_current_profile_name()
        settings.load_profile("default")
        try:
            return pytester.runpytest_inprocess(*words)
        finally:
            settings.load_profile(profile)
            core.global_force_seed = None

    pytester.makeconftest(
        "from hypothesis import settings\nsettings.register_profile('few', max_examples=3)\n"
    )
    return run


@pytest.fixture
def engines():
    """The folder with engines that are broken on purpose."""
    return ENGINES


@pytest.fixture
def hypothesis_test(pytester):
    """A file with a Hypothesis test that fails on a*a."""
    return pytester.makepyfile(test_hypothesis=HYPOTHESIS_TEST)


@pytest.fixture
def plain_tests(pytester):
    """A file with a test that passes, one that fails, and two whose failure is none."""
    return pytester.makepyfile(test_plain=PLAIN_TESTS)


@pytest.fixture
def saved(pytester):
    """The names of the finding folders in the order of the alphabet."""
    return lambda folder="reports": sorted(
        path.parent.name for path in (pytester.path / folder).rglob("case.json")
    )
