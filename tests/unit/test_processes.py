"""ProcessPool that have an engine: they end when they are told to, and are replaced in time."""

import contextlib
import multiprocessing
import os
from pathlib import Path

import psutil
import pytest

from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.fuzz.executor import Attempt
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.pool import ProcessPool, patience_with
from gradcheck.fuzz.tasks import JudgeRound
from gradcheck.operations import DEFAULT_OPERATIONS

ENGINES = Path(__file__).parents[1] / "engines"


def options(limits):
    return Options(
        operations=DEFAULT_OPERATIONS,
        max_ops=10,
        seed=1,
        seconds=None,
        expressions=None,
        output=Path("nowhere"),
        fail_fast=False,
        limits=limits,
    )


@contextlib.contextmanager
def begun(spec, limits, *, count=1, forked=False):
    """A place with processes that have the engine."""
    with ProcessPool(spec, limits, count=count, forked=forked) as place:
        place.begin(options(limits))
        yield place


def descendants():
    return {process.pid for process in psutil.Process().children(recursive=True)}


def done(place):
    while not (answers := place.wait(1.0)):
        pass
    return answers


def pids_of_rounds(spec, memory):
    """The processes that there are after each of some rounds, one at a time."""
    with begun(spec, EngineLimits(memory=memory)) as place:
        for number in range(4):
            place.submit(Attempt(JudgeRound(number)))
            [(_, answer)] = done(place)
            assert answer.number == number
            yield frozenset(descendants())


@pytest.mark.parametrize(
    ("spec", "is_replaced"),
    [("engine:Value", False), (f"{ENGINES / 'keeps.py'}:Value", True)],
    ids=["ours", "keeps"],
)
def test_a_process_that_keeps_too_much_is_replaced_and_its_answers_stand(spec, is_replaced):
    assert (len(set(pids_of_rounds(spec, 30 * 2**20))) > 1) is is_replaced


# That of pytest's may have threads, of which newer versions of Python warn.
forks_from_pytest = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")


@forks_from_pytest
@pytest.mark.parametrize(
    ("forked", "can", "way"),
    [(True, True, "fork"), (False, True, "forkserver"), (True, False, "spawn")],
)
def test_however_processes_come_to_be_they_give_the_same(monkeypatch, forked, can, way):
    with begun("engine:Value", EngineLimits()) as place:
        place.submit(Attempt(JudgeRound(0)))
        [(_, expected)] = done(place)
    if not can:
        monkeypatch.delattr(os, "fork")
        monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    with begun("engine:Value", EngineLimits(), forked=forked) as place:
        assert type(place._workers[0]._process) is multiprocessing.get_context(way).Process
        place.submit(Attempt(JudgeRound(0)))
        [(_, answer)] = done(place)
    assert answer == expected


@forks_from_pytest
def test_forked_processes_end_by_themselves_when_nothing_is_asked_of_them_any_more():
    with begun("engine:Value", EngineLimits(), count=3, forked=True) as place:
        processes = [worker._process for worker in place._workers]
    assert [process.exitcode for process in processes] == [0, 0, 0]


def test_a_run_apart_ends_with_the_process_that_it_is_of():
    spec = f"{ENGINES / 'ending.py'}:Waits"  # for ever, and no signal gets through
    with begun(spec, EngineLimits(seconds=60.0)) as place:
        place.submit(Attempt(JudgeRound(0, isolated=True)))
        [worker] = place._workers
        process = psutil.Process(worker._process.pid)
        before = []  # a run that comes to its end is over at the second look
        while not (apart := [child for child in process.children() if child in before]):
            before = process.children()
            assert place.wait(0.1) == []
    _, alive = psutil.wait_procs(apart, timeout=10)
    assert not alive


def test_a_process_is_given_the_time_that_its_engine_may_take():
    assert patience_with(EngineLimits(seconds=0.2)) == 120.0
    assert patience_with(EngineLimits(seconds=30.0)) >= 10 * 30.0
    assert patience_with(EngineLimits()) >= 10 * 20.0
