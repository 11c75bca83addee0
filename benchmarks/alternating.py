"""Time contestants side by side: each runs once in every round, all in one process.

The speed of a machine varies, so only contestants that took turns are compared. The time is the
computing time of the process: other programs do not count, and threads of a library do.
"""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import TypeVar

from gradcheck.expression import Case

C = TypeVar("C")


Contestant = Callable[[], object]
"""A function that is timed, from its call to its return."""


class CannotError(Exception):
    """A contestant cannot take part; the message says why."""


@dataclass(frozen=True, slots=True)
class Timings:
    """The seconds that a contestant took in each round, or why it ``cannot`` take part."""

    seconds: tuple[float, ...] = ()
    cannot: str = ""

    @property
    def median(self) -> float:
        return median(self.seconds)

    def share(self, count: int) -> Timings:
        """Return the times of one of ``count`` equal parts that were timed together."""
        return Timings(tuple(seconds / count for seconds in self.seconds), self.cannot)


@dataclass(frozen=True, slots=True)
class Measured:
    """A number, and the quartiles of the same number in single rounds."""

    number: float
    low: float
    high: float


def measured(number: float, rounds: Sequence[float]) -> Measured:
    """Return a number with the quartiles of its rounds."""
    low, _, high = quantiles(rounds, n=4, method="inclusive") if rounds[1:] else [number] * 3
    return Measured(number, low, high)


def ratio(of: Timings, to: Timings) -> Measured | str:
    """Return the ratio of the median times of two contestants, or why there is none.

    The quartiles are those of the ratios of single rounds.
    """
    if of.cannot or to.cannot:
        return of.cannot or to.cannot
    rounds = [a / b for a, b in zip(of.seconds, to.seconds, strict=True)]
    return measured(of.median / to.median, rounds)


def alternate(contestants: Mapping[str, Contestant], rounds: int) -> dict[str, Timings]:
    """Time the contestants in turns, after one call of each that does not count.

    A contestant that raises ``CannotError`` or ``RecursionError`` in this first call is left out.
    """
    unable = {name: why for name, call in contestants.items() if (why := _why_not(call))}
    able = {name: call for name, call in contestants.items() if name not in unable}
    seconds: dict[str, list[float]] = {name: [] for name in able}
    # Garbage collection would otherwise go through the objects of all imported libraries.
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
    """Return the computing time of a call."""
    begin = time.process_time()
    call()
    return time.process_time() - begin


Build = Callable[[Case], Contestant]
"""A function that prepares a contestant for a case, before its time is taken."""


def all_of(build: Callable[[C], Contestant], cases: Sequence[C]) -> Contestant:
    """Return a contestant that does all of the cases at each call."""
    return one_after_the_other(build, [cases], again=True)


def one_after_the_other(
    build: Callable[[C], Contestant], groups: Iterable[Sequence[C]], *, again: bool = False
) -> Contestant:
    """Return a contestant that does a new group of cases at each call."""
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
