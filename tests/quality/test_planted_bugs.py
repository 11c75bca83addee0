"""Does it find a planted bug, does it shrink it, and does it keep quiet about an engine without?"""

from pathlib import Path

import pytest

from gradcheck import load_engine
from gradcheck.fuzz.events import Finished
from gradcheck.fuzz.executor import InlineExecutor
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.run import run
from gradcheck.operations import DEFAULT_OPERATIONS

ENGINES = Path(__file__).parents[1] / "engines"


def findings(engine, *, seed, expressions=300):
    options = Options(
        operations=DEFAULT_OPERATIONS,
        max_ops=10,
        seed=seed,
        seconds=None,
        expressions=expressions,
        output=Path("nowhere"),
        fail_fast=False,
    )
    loaded = load_engine(engine)
    *_, last = run(loaded, options, InlineExecutor(loaded, options), stopped=lambda: False)
    assert isinstance(last, Finished)
    return [found.finding for found in last.findings]


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("engine", ["engine:Value", "micrograd.engine:Value", "engine.broken:Twin"])
def test_nothing_is_found_in_a_correct_engine(engine, seed):
    assert findings(engine, seed=seed) == []


@pytest.mark.parametrize(
    "bug",
    ["overwrites_gradient", "breadth_first", "off_by_a_trillionth", "merges_equal_nodes"],
)
def test_one_bug_is_one_finding_however_many_cases_hit_it(bug):
    [found] = findings(f"engine.broken:{bug}", seed=0, expressions=150)
    assert found.cases <= 1000


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    ("engine", "signatures"),
    [
        ("Two", {"wrong-partial-of-mul", "wrong-partial-of-tanh"}),
        ("ForwardAndBackward", {"wrong-value-of-tanh", "lost-contribution-of-add"}),
        (
            "Three",
            {"wrong-partial-of-mul", "lost-contribution-of-add", "forgotten-upstream-of-tanh"},
        ),
        ("NanAndLost", {"wrong-partial-of-mul", "lost-contribution-of-mul"}),
        ("CrashAndLost", {"crash-ZeroDivisionError-of-mul", "lost-contribution-of-mul"}),
    ],
)
def test_two_bugs_are_two_findings_and_three_are_three(engine, signatures, seed):
    found = findings(f"{ENGINES / 'several_bugs.py'}:{engine}", seed=seed, expressions=150)
    assert sorted(finding.verdict.signature for finding in found) == sorted(signatures)


def test_the_worst_case_is_kept_beside_the_smallest():
    [found] = findings("engine.broken:tanh_cancels", seed=0, expressions=100)
    assert found.worst.signature == found.verdict.signature
    assert found.worst.relative_error >= found.verdict.relative_error
    assert found.kind.gravity <= found.worst.kind.gravity


def test_the_same_seed_finds_the_same():
    engine = f"{ENGINES / 'several_bugs.py'}:Two"
    once, again = (findings(engine, seed=5, expressions=100) for _ in range(2))
    assert [finding.folder for finding in once] == [finding.folder for finding in again]


def test_an_engine_that_fails_now_and_then_is_still_a_finding():
    assert findings(f"{ENGINES / 'fails_every_third_time.py'}:Value", seed=0, expressions=50)
