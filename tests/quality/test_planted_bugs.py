"""Does it find a planted bug, does it shrink it, and does it keep quiet about an engine without?"""

from pathlib import Path

import pytest

from gradcheck import load_engine
from gradcheck.engines.composition import operations_within
from gradcheck.operations import operations_named
from helpers.runs import last_event, options

ENGINES = Path(__file__).parents[1] / "engines"


def findings(engine, **asked):
    last = last_event(load_engine(engine), options(**asked))
    return [found.finding for found in last.findings]


@pytest.mark.parametrize("engine", ["engine:Value", "micrograd.engine:Value", "engine.broken:Twin"])
def test_nothing_is_found_in_a_correct_engine(engine):
    assert findings(engine, examples=300) == []


@pytest.mark.parametrize(
    "bug",
    ["overwrites_gradient", "breadth_first", "off_by_a_trillionth", "merges_equal_nodes"],
)
def test_one_bug_is_one_finding_however_many_cases_hit_it(bug):
    [found] = findings(f"engine.broken:{bug}", examples=100)
    assert found.cases <= 1000


@pytest.mark.parametrize(
    ("engine", "signatures"),
    [
        ("Two", {"wrong-partial-of-mul", "wrong-partial-of-tanh"}),
        ("ForwardAndBackward", {"wrong-value-of-tanh", "lost-contribution-of-add"}),
        (
            "Three",
            {"wrong-partial-of-mul", "lost-contribution-of-add", "forgotten-upstream-of-tanh"},
        ),
        ("NanAndLost", {"non-finite-partial-of-mul", "lost-contribution-of-mul"}),
        ("CrashAndLost", {"crash-ZeroDivisionError-of-mul", "lost-contribution-of-mul"}),
    ],
)
def test_two_bugs_are_two_findings_and_three_are_three(engine, signatures):
    found = findings(f"{ENGINES / 'several_bugs.py'}:{engine}", examples=100)
    assert sorted(finding.verdict.signature for finding in found) == sorted(signatures)


def test_the_worst_case_is_kept_beside_the_smallest():
    [found] = findings("engine.broken:tanh_cancels", examples=100)
    assert found.worst.signature == found.verdict.signature
    assert found.worst.relative_error >= found.verdict.relative_error
    assert found.kind.gravity <= found.worst.kind.gravity


def test_an_engine_that_fails_now_and_then_is_still_a_finding():
    assert findings(f"{ENGINES / 'fails_every_third_time.py'}:Value", examples=50)


COMPOSED = ENGINES / "composed.py"


def end_of_run(engine, operations="+ * / **"):
    asked = options(examples=100, seed=1, operations=operations_named(operations))
    last = last_event(load_engine(f"{COMPOSED}:{engine}"), asked)
    return [found.signature for found in last.findings], last.advice


def test_of_two_operations_the_one_that_the_other_uses_is_to_be_mended_first():
    signatures, advice = end_of_run("WrongPower")
    assert signatures == ["wrong-partial-of-pow", "wrong-partial-of-div"]
    assert advice == ("Mend ** first: / uses it, and may be right then.",)


def test_of_several_to_mend_one_is_the_first():
    signatures, advice = end_of_run("WrongProductAndPower", operations="+ - neg * / **")
    assert len(signatures) >= 4
    first, *others = advice
    assert first.startswith("Mend * first: ")
    assert first.endswith(" use it, and may be right then.")
    assert others == ["Then mend **: / uses it."]


def test_two_operations_with_a_bug_each_are_no_group():
    signatures, advice = end_of_run("WrongQuotient")
    assert sorted(signatures) == ["wrong-partial-of-div", "wrong-partial-of-pow"]
    assert advice == ()


def test_the_operations_that_one_is_made_of_are_found():
    engine = load_engine(f"{COMPOSED}:Value")
    within = {o.name: {p.name for p in operations_within(engine, o)} for o in engine.operations}
    assert within["/"] == {"**", "*"}
    assert within["-"] == {"+", "neg", "*"}
    assert within["+"] == within["*"] == within["**"] == set()


@pytest.mark.parametrize(
    ("engine", "signatures"),
    [
        ("Value", ["non-finite-value-of-tanh", "wrong-value-of-tanh"]),
        ("WrongEverywhere", ["wrong-value-of-tanh"]),
        ("Partials", ["non-finite-partial-of-tanh"]),
    ],
)
def test_lost_digits_and_an_overflow_elsewhere_are_two_findings(engine, signatures):
    found = findings(f"{ENGINES / 'two_kinds.py'}:{engine}", examples=400)
    assert sorted(finding.verdict.signature for finding in found) == signatures
