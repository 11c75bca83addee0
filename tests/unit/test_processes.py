"""Processes with an engine end when they should, and are replaced when they must be."""

import contextlib
import multiprocessing
import os
from pathlib import Path

import psutil
import pytest

from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.fuzz.executor import Attempt
from gradcheck.fuzz.pool import ProcessPool, heartbeat_timeout
from gradcheck.fuzz.tasks import JudgeRound
from gradcheck.fuzz.worker_process import serve
from helpers.limits import SECONDS
from helpers.runs import options

ENGINES = Path(__file__).parents[1] / "engines"


@contextlib.contextmanager
def begun(spec, limits, *, count=1, forked=False):
    """Yield a pool of processes that have loaded the engine."""
    with ProcessPool(spec, limits, count=count, forked=forked) as pool:
        pool.begin(options(seed=1, limits=limits))
        yield pool


def descendants():
    return {process.pid for process in psutil.Process().children(recursive=True)}


def done(pool):
    return next(filter(None, (pool.wait(1.0) for _ in range(round(SECONDS)))))


def pids_of_rounds(spec, memory):
    """Yield the child processes after each of four rounds."""
    with begun(spec, EngineLimits(memory=memory)) as pool:
        for number in range(4):
            pool.submit(Attempt(JudgeRound(number)))
            [(_, answer)] = done(pool)
            assert answer.number == number
            yield frozenset(descendants())


@pytest.mark.parametrize(
    ("spec", "is_replaced"),
    [("engine:Value", False), (f"{ENGINES / 'keeps.py'}:Value", True)],
    ids=["ours", "keeps"],
)
def test_a_process_that_keeps_too_much_memory_is_replaced_and_its_answers_stay(spec, is_replaced):
    assert (len(set(pids_of_rounds(spec, 30 * 2**20))) > 1) is is_replaced


@pytest.mark.parametrize(
    ("forked", "can_fork", "method"),
    [(True, True, "fork"), (False, True, "forkserver"), (True, False, "spawn")],
)
def test_processes_give_the_same_answers_however_they_are_started(
    monkeypatch, forked, can_fork, method
):
    with begun("engine:Value", EngineLimits()) as pool:
        pool.submit(Attempt(JudgeRound(0)))
        [(_, expected)] = done(pool)
    if not can_fork:
        monkeypatch.delattr(os, "fork")
        monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    with begun("engine:Value", EngineLimits(), forked=forked) as pool:
        assert type(pool._workers[0]._process) is multiprocessing.get_context(method).Process
        pool.submit(Attempt(JudgeRound(0)))
        [(_, answer)] = done(pool)
    assert answer == expected


def test_idle_forked_processes_end_by_themselves():
    with begun("engine:Value", EngineLimits(), count=3, forked=True) as pool:
        processes = [worker._process for worker in pool._workers]
    assert [process.exitcode for process in processes] == [0, 0, 0]


def test_an_isolated_run_ends_with_its_worker():
    spec = f"{ENGINES / 'ending.py'}:Waits"  # for ever, and no signal gets through
    with begun(spec, EngineLimits(seconds=60.0)) as pool:
        pool.submit(Attempt(JudgeRound(0, isolated=True)))
        [worker] = pool._workers
        process = psutil.Process(worker._process.pid)
        before = []  # a run that ends is gone the second time
        while not (isolated := [child for child in process.children() if child in before]):
            before = process.children()
            assert pool.wait(0.1) == []
    _, alive = psutil.wait_procs(isolated, timeout=SECONDS)
    assert not alive


def test_the_heartbeat_timeout_allows_for_the_limit_of_the_engine():
    assert heartbeat_timeout(EngineLimits(seconds=0.2)) == 120.0
    assert heartbeat_timeout(EngineLimits(seconds=30.0)) >= 10 * 30.0
    assert heartbeat_timeout(EngineLimits()) >= 10 * 20.0


def test_a_process_without_a_parent_ends_silently(tmp_path, capfd):
    (tmp_path / "exits.py").write_text("raise SystemExit(1)\n")
    ours, theirs = multiprocessing.Pipe()
    ours.close()
    process = multiprocessing.get_context("fork").Process(
        target=serve, args=(f"{tmp_path / 'exits.py'}:Value", EngineLimits(), theirs, ())
    )
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert capfd.readouterr().err == ""
