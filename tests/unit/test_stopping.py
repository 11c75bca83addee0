"""Signals that stop a run."""

import signal

import pytest

from gradcheck.cli.last_resort import Deadline
from gradcheck.cli.long_run import stop_requests

BOTH = (signal.SIGINT, signal.SIGTERM)
either = pytest.mark.parametrize("number", BOTH, ids=lambda number: number.name)


@pytest.fixture(autouse=True)
def _same_handlers():
    before = {number: signal.getsignal(number) for number in BOTH}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class SecondSignalError(Exception):
    """Raised by the earlier handler."""


def raise_second_signal(_number, _frame):
    raise SecondSignalError


@either
def test_the_first_signal_stops_the_run_and_tells_what_a_second_does(number, capfd):
    with stop_requests(None, Deadline()) as stopped:
        assert not stopped()
        signal.raise_signal(number)
        assert stopped()
    assert "interrupt again to stop at once" in capfd.readouterr().err


@either
def test_the_second_signal_reaches_the_earlier_handler(number):
    signal.signal(number, raise_second_signal)
    with stop_requests(None, Deadline()):
        signal.raise_signal(number)
        with pytest.raises(SecondSignalError):
            signal.raise_signal(number)


@either
def test_a_signal_that_was_ignored_stays_ignored(number, capfd):
    signal.signal(number, signal.SIG_IGN)
    with stop_requests(None, Deadline()) as stopped:
        signal.raise_signal(number)
        assert not stopped()
    assert capfd.readouterr().err == ""


@either
def test_the_earlier_handlers_are_restored(number):
    signal.signal(number, raise_second_signal)
    with stop_requests(None, Deadline()):
        assert signal.getsignal(number) is not raise_second_signal
    assert signal.getsignal(number) is raise_second_signal
