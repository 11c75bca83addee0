"""A saved run is read back as it was."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gradcheck import case, load_engine
from gradcheck.fuzz.events import EarlierFinding, State
from gradcheck.fuzz.run_folder import run_folder
from gradcheck.fuzz.saved_run import Status, read_run
from gradcheck.fuzz.statistics import Statistics
from gradcheck.kind import Kind, Reason
from helpers.runs import options, saved_events

BEGAN = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)

ASKED = options(
    max_ops=7,
    seed=5,
    seconds=60.0,
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
        unproved_gradients=3,
        verdicts=Counter({Kind.CORRECT: 398, Kind.UNDECIDED: 2}),
        undecided=Counter({Reason.ILL_CONDITIONED: 2}),
        worst_error_share=0.75,
        worst_rounding={"tanh": 1.25},
        bugs=Counter({"lost-contribution": 4}),
        features={"depth 3", "pair * in +"},
        abandoned=[4],
    ),
    next_round=3,
    began=BEGAN,
    seconds=1.5,
    last_new=0.25,
    last_seen={"lost-contribution": BEGAN.replace(minute=40)},
    not_reported={"unclear"},
)


def found(folder):
    product = case("a*b", a=0.1, b=-3.0)
    path = folder / "engine.Value" / "lost-contribution-0123abcd"
    return EarlierFinding("lost-contribution", path, product, product, cases=17, is_new=True)


@pytest.fixture
def folder(tmp_path):
    with run_folder("engine:Value", replace(ASKED, output=tmp_path), STATE, [found(tmp_path)]):
        return tmp_path


def test_everything_needed_to_resume_a_run_is_read_back(folder):
    saved = read_run(folder)
    assert (saved.engine, saved.status) == ("engine:Value", Status.RUNNING)
    assert saved.options() == replace(ASKED, output=folder)
    assert saved.state == STATE
    assert saved.findings() == [found(folder)]
    assert saved.places == [("lost-contribution", found(folder).path)]


def test_two_findings_that_have_become_one_are_kept_once(tmp_path):
    engine = load_engine("engine.broken:overwrites_gradient")
    square = case("a*a", a=1.0)
    before = [
        replace(found(tmp_path), smallest=square, worst=square, path=tmp_path / name)
        for name in "ab"
    ]
    saved_events(engine, options(output=tmp_path, rounds=(0, 1), fail_fast=True), before)
    [kept] = read_run(tmp_path).findings()
    assert kept.smallest == square


def test_the_path_of_a_finding_is_relative_to_the_folder(folder):
    [finding] = json.loads((folder / "stats.json").read_text())["findings"]
    assert not Path(finding["path"]).is_absolute()
