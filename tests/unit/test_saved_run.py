"""What a run keeps of itself is read back."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gradcheck import Case, load_engine, parse
from gradcheck.fuzz.executor import InlineExecutor
from gradcheck.fuzz.folder import run_folder
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.run import run
from gradcheck.fuzz.saved_run import read_run
from gradcheck.fuzz.state import FoundBefore, State, Status
from gradcheck.fuzz.statistics import Statistics
from gradcheck.kind import Kind, Reason
from gradcheck.operations import DEFAULT_OPERATIONS

BEGAN = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)


def options(folder):
    return Options(
        operations=DEFAULT_OPERATIONS,
        max_ops=7,
        seed=5,
        seconds=60.0,
        examples=None,
        output=folder,
        fail_fast=True,
        rounds=(2, 9),
        until_stale=10.0,
        life=True,
    )


STATE = State(
    statistics=Statistics(
        expressions=50,
        cases=400,
        gradients=700,
        undecided_gradients=3,
        verdicts=Counter({Kind.CORRECT: 398, Kind.UNDECIDED: 2}),
        undecided=Counter({Reason.ILL_CONDITIONED: 2}),
        worst_error_share=0.75,
        lost={"tanh": 1.25},
        seen=Counter({"lost-contribution": 4}),
        covered={"depth 3", "pair * in +"},
        given_up=[4],
    ),
    next_round=3,
    began=BEGAN,
    seconds=1.5,
    newest=0.25,
    last_seen={"lost-contribution": BEGAN.replace(minute=40)},
    set_aside={"unclear"},
)


def found(folder):
    case = Case(parse("a*b"), (0.1, -3.0))
    path = folder / "engine.Value" / "lost-contribution-0123abcd"
    return FoundBefore("lost-contribution", path, case, case, cases=17, is_new=True)


@pytest.fixture
def folder(tmp_path):
    with run_folder("engine:Value", options(tmp_path), STATE, [found(tmp_path)]):
        return tmp_path


def test_all_that_a_run_needs_to_go_on_comes_back(folder):
    saved = read_run(folder)
    assert (saved.engine, saved.status) == ("engine:Value", Status.RUNNING)
    assert saved.options() == options(folder)
    assert saved.state == STATE
    assert saved.found() == [found(folder)]
    assert saved.places == [("lost-contribution", found(folder).path)]


def test_two_findings_that_have_become_one_are_kept_once(tmp_path):
    asked = replace(options(tmp_path), rounds=(0, 1), life=False)
    engine, state = load_engine("engine.broken:overwrites_gradient"), State()
    case = Case(parse("a*a"), (1.0,))
    before = [replace(found(tmp_path), smallest=case, worst=case, path=tmp_path / n) for n in "ab"]
    with run_folder(engine.spec, asked, state, before) as keep:
        executor = InlineExecutor(engine, asked)
        for event in run(
            engine, asked, executor, stopped=lambda: False, state=state, before=before
        ):
            keep(event)
    [kept] = read_run(tmp_path).found()
    assert kept.smallest == case


def test_what_is_found_is_named_by_its_place_in_the_folder(folder):
    [bug] = json.loads((folder / "stats.json").read_text())["findings"]
    assert not Path(bug["path"]).is_absolute()
