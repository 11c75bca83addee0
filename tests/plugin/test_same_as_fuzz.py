"""A Hypothesis test and a long run end with the same case of a bug."""

import pytest

from gradcheck import load_engine
from gradcheck.findings.case_file import read_finding
from helpers.runs import last_event, options

TEST = """
from hypothesis import Phase, given, settings
from gradcheck import assert_gradients
from gradcheck.strategies import cases

# Without the phases that only explain a failure, which take long.
@settings(deadline=None, derandomize=True, phases=[Phase.generate, Phase.shrink])
@given(cases())
def test_mine(case):
    assert_gradients(case, "engine.broken:{name}")
"""


@pytest.mark.parametrize("name", ["counts_square_once", "no_tail", "sign_in_product"])
def test_pytest_and_fuzz_save_the_same_case_in_the_same_folder(pytester, name):
    pytester.makepyfile(TEST.format(name=name))
    pytester.runpytest_inprocess().assert_outcomes(failed=1)
    [file] = pytester.path.rglob("case.json")
    under_pytest = file.parent.name, read_finding(file).smallest.case
    engine = load_engine(f"engine.broken:{name}")
    for seed in (1, 2):
        run = last_event(engine, options(seed=seed, examples=50))
        [found] = run.findings
        assert (found.finding.folder.name, found.finding.verdict.case) == under_pytest
