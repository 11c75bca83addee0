"""An engine that does not come to an end is stopped."""

import gc
import signal
import sys
import threading
import time
from dataclasses import replace

import pytest

from gradcheck import Case, Kind, check, load_engine, parse
from gradcheck.adapters.engine import HangError
from gradcheck.adapters.time_limit import time_limit

SQUARE = Case(parse("a*a"), (3.0,))
HANGING = replace(load_engine("engine.broken:hangs_on_square"), seconds=0.05)


def test_a_hang_is_a_finding():
    verdict = check(SQUARE, HANGING)
    assert verdict.kind is Kind.HANG
    assert verdict.signature == "hang-of-mul"


def test_an_engine_that_comes_to_an_end_is_not_stopped():
    assert check(Case(parse("a*b"), (3.0, 2.0)), HANGING).kind is Kind.CORRECT


def swallow_one_error_and_go_on():
    try:
        while True:
            pass
    except HangError:
        while True:
            pass


def test_an_error_that_is_swallowed_comes_again():
    with pytest.raises(HangError), time_limit(0.01):
        swallow_one_error_and_go_on()


def collect_garbage_and_go_on():
    gc.collect()
    while True:
        pass


def linger(_phase, _info):
    begin = time.process_time()
    while time.process_time() < begin + 0.03:
        pass


def test_an_error_is_not_lost_in_the_garbage_collector(monkeypatch):
    lost = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)
    gc.callbacks.append(linger)
    try:
        with pytest.raises(HangError), time_limit(0.01):
            collect_garbage_and_go_on()
    finally:
        gc.callbacks.remove(linger)
    assert not lost


def test_what_was_set_before_is_set_again():
    def handler(_number, _frame):
        raise AssertionError

    before = signal.signal(signal.SIGALRM, handler)
    try:
        with time_limit(1.0):
            assert signal.getsignal(signal.SIGALRM) is not handler
        assert signal.getsignal(signal.SIGALRM) is handler
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_beside_the_main_thread_there_is_no_limit():
    done = []

    def work():
        with time_limit(0.001):
            done.append(sum(range(300_000)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done
