"""A run that takes too long is tried once more, until the engine is known to hang."""

import pytest

from gradcheck.engines.faults import fault_of
from gradcheck.engines.second_try import single_tries_after, with_second_try
from gradcheck.engines.time_limit import HangError

HANG = fault_of(HangError("no end after computing for 5 s"), stage="forward", position=0)
CRASH = fault_of(OverflowError("math range error"), stage="forward", position=0)


def tries(first, after=None):
    """Return the results of all tries: the first one is given, and another one would be 1.0."""
    results = iter((first, 1.0))
    made = []

    def run():
        made.append(next(results))
        return made[-1]

    with single_tries_after(after):
        assert with_second_try(run) is made[-1]
    return made


def test_a_run_that_took_too_long_once_is_no_hang():
    assert tries(HANG) == [HANG, 1.0]


@pytest.mark.parametrize("result", [2.0, CRASH])
def test_any_other_run_is_made_once(result):
    assert tries(result) == [result]


def test_after_a_hang_there_is_one_try():
    assert tries(HANG, after=HANG) == [HANG]


@pytest.mark.parametrize("fault", [None, CRASH])
def test_after_anything_else_there_are_two(fault):
    assert tries(HANG, after=fault) == [HANG, 1.0]


def test_single_tries_end_with_their_block():
    tries(HANG, after=HANG)
    assert tries(HANG) == [HANG, 1.0]
