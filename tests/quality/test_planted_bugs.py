"""Does it find a planted bug, does it shrink it, and does it keep quiet about an engine without?"""

from pathlib import Path

import pytest

from gradcheck import load_engine
from gradcheck.fuzz.events import Finished
from gradcheck.fuzz.run import Options, run
from gradcheck.operations import OPERATIONS

ENGINES = Path(__file__).parents[1] / "engines"


def findings(engine, *, seed, expressions=300):
    options = Options(
        operations=tuple(OPERATIONS.values()),
        max_size=10,
        seed=seed,
        seconds=None,
        expressions=expressions,
        output=Path("nowhere"),
        fail_fast=False,
    )
    *_, last = run(load_engine(engine), options, stopped=lambda: False)
    assert isinstance(last, Finished)
    return [found.finding for found in last.findings]


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    "engine", ["imprecise_tanh", "assigns", "breadth_first", "counts_square_once"]
)
def test_a_planted_bug_is_found_within_1000_cases_and_shrunk_to_three_operations(engine, seed):
    found = findings(f"{ENGINES / engine}.py:Value", seed=seed)
    assert found
    assert all(finding.cases <= 1000 for finding in found)
    assert all(finding.verdict.case.expression.size <= 3 for finding in found)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    "engine", ["engine:Value", "micrograd.engine:Value", f"{ENGINES / 'plain.py'}:Value"]
)
def test_nothing_is_found_in_a_correct_engine(engine, seed):
    assert findings(engine, seed=seed) == []


def test_two_bugs_are_two_findings():
    found = findings(f"{ENGINES / 'two_bugs.py'}:Value", seed=0)
    assert {finding.verdict.signature for finding in found} == {
        "imprecise-gradient-of-tanh",
        "wrong-gradient-of-mul",
    }


def test_the_same_seed_finds_the_same():
    engine = f"{ENGINES / 'two_bugs.py'}:Value"
    once, again = (findings(engine, seed=5, expressions=100) for _ in range(2))
    assert [finding.folder for finding in once] == [finding.folder for finding in again]


def test_an_engine_that_fails_now_and_then_is_still_a_finding():
    assert findings(f"{ENGINES / 'fails_every_third_time.py'}:Value", seed=0)
