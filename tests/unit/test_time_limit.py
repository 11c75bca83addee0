"""An engine that does not come to an end is stopped."""

import signal
import sys
import threading
import time
from dataclasses import replace

import pytest

from gradcheck import Case, Kind, check, load_engine, parse
from gradcheck.engines.time_limit import HangError, time_limit, watched
from helpers.limits import SECONDS, compute_for, compute_for_ever

SQUARE = Case(parse("a*a"), (3.0,))
HANGS = load_engine("engine.broken:hangs_on_square")


def test_a_hang_is_a_finding():
    verdict = check(SQUARE, replace(HANGS, seconds=0.05))
    assert verdict.kind is Kind.HANG
    assert verdict.signature == "hang-of-mul"


def test_an_engine_that_comes_to_an_end_is_not_stopped():
    assert check(Case(parse("a*b"), (3.0, 2.0)), HANGS).kind is Kind.CORRECT


def test_a_limit_holds_within_a_longer_one_and_around_it():
    for first, second in ((0.01, 60.0), (60.0, 0.01)):
        with pytest.raises(HangError, match=r"0\.01 s"), time_limit(first), time_limit(second):
            threading.Event().wait(SECONDS)


def test_the_recursion_limit_is_what_it_was():
    before = sys.getrecursionlimit()
    with time_limit(60.0):
        sys.setrecursionlimit(before + 1)
    assert sys.getrecursionlimit() == before


def swallow_one_error_and_go_on():
    try:
        compute_for_ever()
    except HangError:
        compute_for_ever()


def test_an_error_that_is_swallowed_comes_again():
    with pytest.raises(HangError), time_limit(0.01):
        swallow_one_error_and_go_on()


def test_an_engine_that_waits_for_ever_is_stopped():
    with pytest.raises(HangError, match="waiting"), time_limit(5.0, patience=0.05):
        threading.Event().wait(SECONDS)


def test_an_engine_that_waits_for_a_while_is_not_stopped():
    with time_limit(0.01, patience=SECONDS):
        time.sleep(0.05)


class LingersWhenItGoes:
    def __init__(self, error=None):
        self.error = error

    def __del__(self):
        begin = time.process_time()
        while time.process_time() < begin + 0.03:
            pass
        if self.error is not None:
            raise self.error


def leave_something_behind(error=None):
    LingersWhenItGoes(error)
    compute_for_ever()


def test_an_error_that_python_swallows_comes_again_and_is_not_printed(monkeypatch):
    printed = []
    monkeypatch.setattr(sys, "unraisablehook", printed.append)
    with pytest.raises(HangError), time_limit(0.01):
        leave_something_behind()
    assert not printed


def test_any_other_error_that_python_swallows_is_printed(monkeypatch):
    printed = []
    monkeypatch.setattr(sys, "unraisablehook", lambda error: printed.append(error.exc_value))
    error = ValueError("of the engine")
    with pytest.raises(HangError), time_limit(0.1, patience=SECONDS):
        leave_something_behind(error)
    assert printed == [error]


def test_what_was_set_before_is_set_again():
    def handler(_number, _frame):
        raise AssertionError

    before, report = signal.signal(signal.SIGALRM, handler), sys.unraisablehook
    try:
        with time_limit(1.0):
            assert signal.getsignal(signal.SIGALRM) is not handler
        assert signal.getsignal(signal.SIGALRM) is handler
        assert sys.unraisablehook is report
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
    thread.join(SECONDS)
    assert done


def test_a_call_of_c_that_returns_too_late_is_a_hang():
    with pytest.raises(HangError), time_limit(0.05):
        sum(range(20_000_000))


def test_a_tick_at_the_very_end_of_a_block_leaves_no_clock_that_ticks():
    lists = [[[] for _ in range(3_000_000)]]
    before = signal.getsignal(signal.SIGALRM)
    with time_limit(0.01, patience=SECONDS):
        del lists[0]  # takes longer, and Python calls the handler in the end of the block
    assert signal.getsignal(signal.SIGALRM) is before
    compute_for(0.2)


def test_a_clock_that_somebody_has_stopped_is_wound_up_for_the_next_one():
    with watched():
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        with watched(), pytest.raises(HangError), time_limit(0.05):
            compute_for_ever()


def test_limits_within_each_other_end_where_the_first_of_them_is_over():
    with pytest.raises(HangError, match=r"0\.05 s"), time_limit(0.05), time_limit(60.0):
        compute_for_ever()
