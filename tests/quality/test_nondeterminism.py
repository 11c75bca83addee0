"""Numbers that change from run to run are told as that, and as nothing else."""

from pathlib import Path

import pytest

from gradcheck import Case, Kind, check, load_engine, parse
from gradcheck.blame.cause import Blame, Cause
from gradcheck.findings.script.reproduction import reproduction
from gradcheck.nondeterminism import NondeterministicVerdict
from gradcheck.notation import SCRIPT_NAMES
from helpers.processes import run_python
from helpers.runs import last_event, options
from helpers.script_names import names_besides

ENGINES = Path(__file__).parents[1] / "engines"
RANDOM, IN_SETS = ENGINES / "random_loss.py", ENGINES / "in_sets.py"


def signatures(engine, **asked):
    last = last_event(load_engine(engine), options(**asked))
    return [found.signature for found in last.findings]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("engine", ["Rarely", "RandomForward"])
def test_random_numbers_are_one_finding(engine, seed):
    assert signatures(f"{RANDOM}:{engine}", examples=100, seed=seed) == ["nondeterministic"]


@pytest.mark.parametrize("engine", [f"{RANDOM}:LastBit", f"{IN_SETS}:Value"])
def test_additions_in_any_order_are_no_finding(engine):
    assert signatures(engine, examples=150) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_a_bug_that_shows_in_some_orders_only_is_one_finding_of_its_operation(seed):
    engine = f"{IN_SETS}:Assigns"
    assert signatures(engine, examples=150, seed=seed) == ["lost-contribution-of-add"]


def first_changing(engine, formula, *point, tries=200):
    """Return the first finding of a case that gives other numbers when it is run again."""
    verdicts = (check(Case(parse(formula), point), engine) for _ in range(tries))
    return next(verdict for verdict in verdicts if isinstance(verdict, NondeterministicVerdict))


def test_the_order_of_a_set_is_told_as_what_it_is():
    verdict = first_changing(f"{IN_SETS}:Mixes", "a*b", 2.0, 3.0)
    assert any("in a set, `_prev`" in line for line in verdict.conclusion)
    assert "in a set" not in str(first_changing(f"{RANDOM}:Rarely", "a*b", 2.0, 3.0))


def test_an_operation_that_is_wrong_in_some_orders_is_blamed_and_the_set_is_named():
    verdict = first_changing(f"{IN_SETS}:Assigns", "n = a*b; (n + a)*(b + n)", 2.0, 3.0)
    assert verdict.kind is Kind.WRONG_GRADIENT
    assert verdict.blame.sentence == "+: a contribution is lost"
    assert any("in a set, `_prev`" in line for line in verdict.conclusion)


def test_a_change_is_told_with_both_numbers():
    verdict = first_changing(f"{RANDOM}:Rarely", "tanh(a)", 0.0)
    assert verdict.kind is Kind.NONDETERMINISTIC
    assert verdict.blame == Blame(Cause.NONDETERMINISTIC)
    assert verdict.conclusion[1] == (
        "The gradient of a is 0.0 in one run and 1.0 in another, and the true number is 1.0."
    )


@pytest.mark.parametrize(
    ("engine", "formula", "cause"),
    [
        ("engine.broken:overwrites_in_product", "a*a", Cause.LOST_CONTRIBUTION),
        ("engine.broken:keeps_gradients", "a*b + a", Cause.EARLIER_GRAPH),
        ("engine.broken:tanh_overflows", "tanh(a)*b", Cause.CRASH),
    ],
)
def test_a_bug_that_shows_in_every_run_keeps_its_cause(engine, formula, cause):
    point = (400.0, 2.0)[: len(parse(formula).inputs)]
    verdict = check(Case(parse(formula), point), engine)
    assert not isinstance(verdict, NondeterministicVerdict)
    assert verdict.blame.cause is cause


@pytest.mark.parametrize(
    ("engine", "formula", "healthy"),
    [
        (f"{RANDOM}:Rarely", "a*b", f"{RANDOM}:LastBit"),
        (f"{IN_SETS}:Assigns", "n = a*b; (n + a)*(b + n)", f"{IN_SETS}:Value"),
    ],
)
def test_a_script_runs_the_case_until_the_change_shows(engine, formula, healthy):
    script = reproduction(first_changing(engine, formula, 2.0, 3.0))
    assert names_besides("ab", script) <= SCRIPT_NAMES
    for _ in range(3):
        assert run_python("-c", script).stderr.splitlines()[-1].startswith("AssertionError: ")
    name, well = (spec.rpartition(":")[2] for spec in (engine, healthy))
    mended = script.replace(f"import {name}\n", f"import {well} as {name}\n")
    assert mended != script
    assert run_python("-c", mended).stderr == ""
