"""Findings of the lifecycle checks are saved, shown and replayed like any other."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from gradcheck import load_engine
from gradcheck.findings.case_file import read_finding
from gradcheck.findings.finding import Finding, Sighting, now
from gradcheck.findings.gallery.page import write_gallery
from gradcheck.findings.replay import ReplayOutcome, replay
from gradcheck.findings.store import save
from gradcheck.fuzz.events import Finished, LifeChecked, Replayed
from gradcheck.fuzz.run_folder import earlier_findings
from gradcheck.fuzz.saved_run import read_run
from gradcheck.lifecycle.run import run_check
from gradcheck.lifecycle.standard_cases import cases_for
from gradcheck.lifecycle.steps import CHECKS
from gradcheck.report import steps_in_words
from gradcheck.shrinking import reduced, shrink
from gradcheck.table import render
from helpers.runs import options, saved_events

ENGINES = Path(__file__).parents[1] / "engines" / "life"
RIGHT = f"{ENGINES / 'adds.py'}:Value"


def engine_of(cause):
    return load_engine(f"{ENGINES / cause.replace('-', '_')}.py:Value")


def saved(cause, folder):
    """Save what a check finds in the engine that is broken for it, and return the folder."""
    engine = engine_of(cause)
    verdict = run_check(cause, engine, cases_for(engine.operations)).verdict
    seen = Sighting(now(), now(), times=1, seed=0)
    return verdict, save(Finding(verdict, worst=verdict, seen=seen, cases=0), folder)


@pytest.mark.parametrize("cause", CHECKS)
def test_it_is_saved_and_read_again(cause, tmp_path):
    verdict, folder = saved(cause, tmp_path)
    assert read_finding(folder).smallest == verdict.report
    files = {path.name for path in folder.iterdir()}
    assert files == {"README.md", "case.json", "graph.gv", "graph.mmd", "graph.svg", "repro.py"}
    assert folder.name.startswith(f"{cause}-")


@pytest.mark.parametrize("cause", CHECKS)
def test_it_is_still_there_until_the_engine_is_fixed(cause, tmp_path):
    _, folder = saved(cause, tmp_path)
    again = replay(folder, engine_of(cause).spec)
    assert (again.outcome, again.detail) == (ReplayOutcome.STILL_THERE, cause)
    assert replay(folder, RIGHT).outcome is ReplayOutcome.FIXED


def test_an_engine_that_cannot_be_asked_cannot_run_it(tmp_path):
    _, folder = saved(CHECKS[0], tmp_path)
    again = replay(folder, RIGHT, lambda _: load_engine("engine.broken:overwrites_gradient"))
    assert again.outcome is ReplayOutcome.CANNOT_RUN
    assert (
        again.detail
        == "nothing can be decided: the engine already gets a single backward pass wrong"
    )


@pytest.mark.parametrize("cause", CHECKS)
def test_every_view_of_a_finding_has_the_steps(cause, tmp_path):
    verdict, folder = saved(cause, tmp_path)
    steps = steps_in_words(verdict.case)
    assert "backward() of `" in steps
    assert steps.replace("`", "'") in (folder / "README.md").read_text()
    assert steps.split("`")[1].split("*")[0] in (folder / "graph.mmd").read_text()
    assert steps.partition("`")[0] in write_gallery(tmp_path).read_text()
    console = Console(file=io.StringIO(), width=200)
    console.print(render(read_finding(folder).smallest))
    assert f"\n{steps}\n" in console.file.getvalue()


@pytest.mark.parametrize("cause", CHECKS)
def test_it_stays_as_it_is_where_other_bugs_are_shrunk(cause, tmp_path):
    verdict, _ = saved(cause, tmp_path)
    engine = engine_of(cause)
    assert shrink(verdict, engine, sorted(engine.operations, key=str)) is verdict


def test_it_is_not_reduced_as_it_is_the_smallest_already(tmp_path):
    verdict, _ = saved(CHECKS[0], tmp_path)
    judge = {verdict.case: verdict}.__getitem__
    assert reduced(verdict, judge, signature=verdict.signature) is verdict


def events_of(cause, folder):
    """Return the events of a run on the engine that is broken for a check."""
    engine = engine_of(cause)
    asked = options(max_ops=5, seed=1, examples=3, output=folder, life=True)
    return saved_events(engine, asked, earlier_findings(folder, engine.spec))


def test_a_run_keeps_it_with_the_others(tmp_path):
    *_, finished = events_of("second-backward", tmp_path)
    [found] = finished.findings
    assert (found.signature, found.is_new) == ("second-backward", True)
    [kept] = read_run(tmp_path).findings()
    assert kept.smallest == found.finding.verdict.case == read_finding(found.path).smallest.case


def test_the_next_run_judges_it_again_and_finds_it_once(tmp_path):
    events_of("second-backward", tmp_path)
    events = events_of("second-backward", tmp_path)
    [replayed] = [event for event in events if isinstance(event, Replayed)]
    assert replayed.replay.outcome is ReplayOutcome.STILL_THERE
    [broken] = [event for event in events if isinstance(event, LifeChecked) and event.found]
    assert isinstance(events[-1], Finished)
    [found] = events[-1].findings
    assert found.path == broken.found.path == replayed.path
    assert not found.is_new
    assert read_finding(found.path).times == 2
