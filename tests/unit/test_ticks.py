"""Both timers interrupt what computes for ever, and leave alone what comes to an end."""

import signal
import time

import pytest

from gradcheck.engines.ticks import SystemTimer, ThreadTimer
from helpers.limits import SECONDS, compute_for_ever


class Tick(BaseException):
    pass


def raise_tick(_number, _frame):
    raise Tick


@pytest.fixture(params=[SystemTimer, ThreadTimer])
def timer(request):
    return request.param()


def test_a_tick_interrupts_a_computation(timer):
    give_back = timer.take()
    try:
        timer.start(raise_tick)
        assert timer.is_running()
        with pytest.raises(Tick):
            compute_for_ever()
    finally:
        give_back()


def test_it_ticks_again_and_again(timer):
    ticks = []
    give_back = timer.take()
    timer.start(lambda *_: ticks.append(1))
    end = time.monotonic() + SECONDS
    while len(ticks) < 3 and time.monotonic() < end:
        pass
    give_back()
    assert len(ticks) >= 3


def test_what_was_there_before_is_back_afterwards(timer):
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    give_back = timer.take()
    timer.start(raise_tick)
    give_back()
    assert {number: signal.getsignal(number) for number in signal.valid_signals()} == before
    assert not timer.is_running()
