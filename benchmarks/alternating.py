"""Timing side by side: every contestant runs once in each round, all in one process.

A machine is not equally fast all the time, so only what ran in turns is compared. The time is the
process's computing time: what other programs take does not count, and what a library computes in
threads of its own does.
"""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from gradcheck.expression import Case

Contestant = Callable[[], object]
"""What is timed, from its call to its return."""


class CannotError(Exception):
    """A contestant cannot take part; the message says why."""


@dataclass(frozen=True, slots=True)
class Timings:
    """The seconds that a contestant took, round by round; none where it ``cannot``, and why."""

    seconds: tuple[float, ...] = ()
    cannot: str = ""

    @property
    def median(self) -> float:
        return median(self.seconds)

    def share(self, count: int) -> Timings:
        """Those of one of the equal parts that were timed together."""
        return Timings(tuple(seconds / count for seconds in self.seconds), self.cannot)


@dataclass(frozen=True, slots=True)
class Measured:
    """A number, and the quartiles of what single rounds gave for it."""

    number: float
    low: float
    high: float


def measured(number: float, rounds: Sequence[float]) -> Measured:
    """A number with the spread of its rounds."""
    low, _, high = quantiles(rounds, n=4, method="inclusive") if rounds[1:] else [number] * 3
    return Measured(number, low, high)


def ratio(of: Timings, to: Timings) -> Measured | str:
    """How many times as long one contestant took as another, by their medians; or why nobody knows.

    The spread is that of the ratios of single rounds.
    """
    if of.cannot or to.cannot:
        return of.cannot or to.cannot
    rounds = [a / b for a, b in zip(of.seconds, to.seconds, strict=True)]
    return measured(of.median / to.median, rounds)


def alternate(contestants: Mapping[str, Contestant], rounds: int) -> dict[str, Timings]:
    """Time the contestants in turns, after a call of each that does not count.

    A contestant that raises ``CannotError`` or goes too deep for Python's stack there is left out
    of the rounds.
    """
    unable = {name: why for name, call in contestants.items() if (why := _why_not(call))}
    able = {name: call for name, call in contestants.items() if name not in unable}
    seconds: dict[str, list[float]] = {name: [] for name in able}
    # The objects of all those libraries are no garbage of any contestant's.
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for name, call in able.items():
            seconds[name].append(seconds_of(call))
    gc.unfreeze()
    return {
        name: Timings(cannot=unable[name]) if name in unable else Timings(tuple(seconds[name]))
        for name in contestants
    }


def seconds_of(call: Contestant) -> float:
    """The computing time of a call."""
    begin = time.process_time()
    call()
    return time.process_time() - begin


Build = Callable[[Case], Contestant]
"""What prepares a contestant for a case, outside of the time that is taken."""


def all_of(build: Build, cases: Sequence[Case]) -> Contestant:
    """A contestant that does all of the cases at each call."""
    return one_after_the_other(build, [cases], again=True)


def one_after_the_other(
    build: Build, groups: Iterable[Sequence[Case]], *, again: bool = False
) -> Contestant:
    """A contestant that does another group of cases at each call, so that it has seen none."""
    try:
        prepared = [[build(case) for case in cases] for cases in groups]
    except ImportError:
        return _not_installed
    waiting = itertools.cycle(prepared) if again else iter(prepared)

    def do_next() -> None:
        for call in next(waiting):
            call()

    return do_next


def _not_installed() -> None:
    message = "not installed"
    raise CannotError(message)


def _why_not(call: Contestant) -> str:
    try:
        call()
    except CannotError as error:
        return str(error)
    except RecursionError:
        return "RecursionError"
    return ""
