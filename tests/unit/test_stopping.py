"""Which signals tell a run to stop."""

import signal

import pytest

from gradcheck.cli.long_run import _stop_requests

BOTH = (signal.SIGINT, signal.SIGTERM)
either = pytest.mark.parametrize("number", BOTH, ids=lambda number: number.name)


@pytest.fixture(autouse=True)
def _same_handlers():
    before = {number: signal.getsignal(number) for number in BOTH}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class SecondSignalError(Exception):
    """What the handler of before raises."""


def raise_second_signal(_number, _frame):
    raise SecondSignalError


@either
def test_the_first_one_stops_it_and_says_what_the_second_does(number, capfd):
    with _stop_requests(None) as stopped:
        assert not stopped()
        signal.raise_signal(number)
        assert stopped()
    assert "interrupt again to stop at once" in capfd.readouterr().err


@either
def test_the_second_one_does_what_it_did_before(number):
    signal.signal(number, raise_second_signal)
    with _stop_requests(None):
        signal.raise_signal(number)
        with pytest.raises(SecondSignalError):
            signal.raise_signal(number)


@either
def test_one_that_was_ignored_before_stays_ignored(number, capfd):
    signal.signal(number, signal.SIG_IGN)
    with _stop_requests(None) as stopped:
        signal.raise_signal(number)
        assert not stopped()
    assert capfd.readouterr().err == ""


@either
def test_the_handlers_are_afterwards_what_they_were(number):
    signal.signal(number, raise_second_signal)
    with _stop_requests(None):
        assert signal.getsignal(number) is not raise_second_signal
    assert signal.getsignal(number) is raise_second_signal
