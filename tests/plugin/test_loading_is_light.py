"""The plugin is loaded in every run of pytest, so its import must be cheap."""

import pytest

from helpers.processes import output_of_python

HEAVY = {"sympy", "hypothesis", "flint"}

PRINT_HEAVY = f"import sys; print(*sorted({HEAVY} & set(sys.modules)))"


def heavy_after(statement):
    return set(output_of_python("-c", f"{statement}; {PRINT_HEAVY}").split())


def test_importing_the_plugin_imports_nothing_heavy():
    assert heavy_after("import gradcheck.pytest_plugin") == set()


def test_heavy_imports_are_noticed():
    assert heavy_after("from gradcheck import check, strategies") == HEAVY


@pytest.fixture
def heavy_after_a_run(pytester):
    """What a run of a test has imported. Hypothesis's own plugin always imports Hypothesis."""

    def run(test):
        pytester.makeconftest(f"def pytest_unconfigure():\n    {PRINT_HEAVY}\n")
        result = pytester.runpytest_subprocess(pytester.makepyfile(test))
        return set(result.outlines[-1].split()) - {"hypothesis"}

    return run


def test_a_run_without_gradients_imports_nothing_heavy(heavy_after_a_run):
    assert heavy_after_a_run("def test(): pass") == set()


def test_a_run_with_gradients_imports_what_is_heavy(heavy_after_a_run):
    assert heavy_after_a_run("def test(): from gradcheck import check") == {"sympy", "flint"}
