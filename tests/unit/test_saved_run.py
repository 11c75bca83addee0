"""What a run keeps of itself is read back, and nothing in it is believed."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gradcheck import Case, load_engine, parse
from gradcheck.fuzz.executor import InlineExecutor
from gradcheck.fuzz.folder import Status, run_folder
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.run import run
from gradcheck.fuzz.saved_run import RunFileError, read_run
from gradcheck.fuzz.state import FoundBefore, State
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
        expressions=None,
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
    engine = load_engine("engine.broken:overwrites_gradient")
    case = Case(parse("a*a"), (1.0,))
    before = [replace(found(tmp_path), smallest=case, worst=case, path=tmp_path / n) for n in "ab"]
    with run_folder(engine.spec, asked, State(), before) as keep:
        for event in run(
            engine, asked, InlineExecutor(engine, asked), stopped=lambda: False, before=before
        ):
            keep(event)
    [kept] = read_run(tmp_path).found()
    assert kept.smallest == case


def paths(data, path=()):
    """The place of every value in JSON data."""
    children = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in children:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from paths(value, (*path, key))


FREE = {"versions", "format", "covered"}
"""What a run does without, or what is only told."""


@pytest.mark.parametrize("file", ["run.json", "stats.json"])
def test_no_value_can_be_of_another_kind(folder, file):
    text = (folder / file).read_text()
    places = [path for path in paths(json.loads(text)) if path[0] not in FREE]
    assert len(places) > 10
    for path in places:
        data = json.loads(text)
        *before, last = path
        inner = data
        for key in before:
            inner = inner[key]
        inner[last] = {"an": ["object"]}
        (folder / file).write_text(json.dumps(data))
        with pytest.raises(RunFileError, match=f"{file} is no run that can be read: "):
            read_all(folder)


def read_all(folder):
    saved = read_run(folder)
    return saved.options(), saved.found()


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        ("run.json", "", "not whole"),
        ("run.json", "[]", "what a run was asked is expected"),
        ("run.json", '{"format": 99}', "update it"),
        ("stats.json", "{", "not whole"),
        ("stats.json", "[]", "the state of a run is expected"),
    ],
)
def test_the_message_says_which_file_and_why(folder, file, text, why):
    (folder / file).write_text(text)
    with pytest.raises(RunFileError, match=why):
        read_run(folder)


def test_a_state_of_another_run_is_none_to_go_on_from(folder):
    stats = json.loads((folder / "stats.json").read_text())
    (folder / "stats.json").write_text(json.dumps({**stats, "began": "2001-01-01T00:00:00"}))
    with pytest.raises(RunFileError, match="of another run"):
        read_run(folder)


def test_a_folder_without_a_run_is_named(tmp_path):
    with pytest.raises(RunFileError, match=r"there is no .*run\.json; name the folder of a run"):
        read_run(tmp_path)


def test_what_is_found_is_named_by_its_place_in_the_folder(folder):
    [bug] = json.loads((folder / "stats.json").read_text())["findings"]
    assert not Path(bug["path"]).is_absolute()
