"""A limit on the time that an engine may take."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType

from gradcheck.engines.protocol import WAITING, HangError

Report = Callable[["sys.UnraisableHookArgs"], object]
"""What ``sys.unraisablehook`` may be."""


_TICK = 0.05
"""Seconds between two looks at the clock.

A timer of computing time costs a hundred times as much, so this one asks for it, again and again.
"""

_A_TENTH_OF_IT = 10


class _Clock:
    """What ticks within ``watched`` and stops each ``time_limit`` that is over.

    ``also`` is what else is done whenever it ticks. Within ``untimed`` it ``is_there`` and is never
    wound up.
    """

    is_there = False
    is_wound_up = False
    limit: time_limit | None = None
    also: Callable[[], None] | None = None

    def wind_up(self) -> None:
        signal.signal(signal.SIGALRM, self.tick)
        signal.setitimer(signal.ITIMER_REAL, _TICK, _TICK)

    def is_stopped(self) -> bool:
        """Whether somebody has used the timer for something else and stopped it then."""
        return not signal.getitimer(signal.ITIMER_REAL)[1]

    def tick(self, _number: int, _frame: FrameType | None) -> None:
        if self.also is not None:
            self.also()
        limit = self.limit
        while limit is not None:
            limit.look()
            limit = limit.outer


_CLOCK = _Clock()

_NOTHING = contextlib.nullcontext()


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Keep a clock ticking within the block, which makes each ``time_limit`` in it cheap.

    It interrupts Python code in the main thread, on systems with POSIX timers; elsewhere there is
    no limit. A timer that somebody else has set goes on afterwards.

    An error that is swallowed comes again at the next tick. Python itself swallows those that are
    raised while it cleans up (``__del__``, weak references, garbage collection).
    """
    if _CLOCK.is_there or not (_in_main_thread() and hasattr(signal, "setitimer")):
        if _CLOCK.is_wound_up and _CLOCK.is_stopped():
            _CLOCK.wind_up()
        yield
        return
    before = signal.getsignal(signal.SIGALRM)
    report, sys.unraisablehook = sys.unraisablehook, _report_all_but_hangs(sys.unraisablehook)
    others = signal.setitimer(signal.ITIMER_REAL, 0.0)
    _CLOCK.limit = None  # an interrupt may have left one there
    _CLOCK.wind_up()
    _CLOCK.is_there = _CLOCK.is_wound_up = True
    try:
        yield
    finally:
        _CLOCK.is_there = _CLOCK.is_wound_up = False
        signal.setitimer(signal.ITIMER_REAL, *others)
        signal.signal(signal.SIGALRM, before)
        sys.unraisablehook = report


@contextlib.contextmanager
def untimed() -> Iterator[None]:
    """Have no ``time_limit`` within the block, as somebody else looks at the clock.

    For a forked child, whose timers do not go on.
    """
    before = _CLOCK.is_there, _CLOCK.is_wound_up
    _CLOCK.is_there, _CLOCK.is_wound_up = True, False
    try:
        yield
    finally:
        _CLOCK.is_there, _CLOCK.is_wound_up = before


@contextlib.contextmanager
def on_every_tick(also: Callable[[], None]) -> Iterator[None]:
    """Keep the clock ticking within the block, and do something else whenever it does."""
    _CLOCK.also = also
    try:
        with watched():
            yield
    finally:
        _CLOCK.also = None


def overrun(
    computing: float, waiting: float, seconds: float, *, patience: float | None = None
) -> HangError | None:
    """The error of code that has taken too long, ``None`` where it has not.

    It may compute for so many seconds. It may wait as long, or for ``patience`` seconds, if
    computing is less than a tenth of that: on a busy machine anything takes longer, and that is no
    fault of the engine's, but what waits for a lock that is never released computes nothing.

    >>> overrun(computing=1.0, waiting=6.0, seconds=5.0) is None
    True
    >>> overrun(computing=0.1, waiting=6.0, seconds=5.0)
    HangError('no end after waiting for 5 s')
    """
    patience = seconds if patience is None else patience
    if computing >= seconds:
        return HangError(f"no end after computing for {seconds:g} s", limit=seconds)
    if waiting >= patience and computing * _A_TENTH_OF_IT < waiting:
        return HangError(f"{WAITING} for {patience:g} s", limit=patience)
    return None


class time_limit:  # noqa: N801 - a block, named like those of contextlib
    """Raise ``HangError`` from within the block when it has taken so many seconds.

    ``overrun`` tells what counts. Where ``watched`` cannot tick, there is no limit.
    The recursion limit is afterwards what it was before, whatever was done to it within.
    """

    __slots__ = ("_began", "_depth", "_patience", "_seconds", "_watch", "outer")

    def __init__(self, seconds: float, *, patience: float | None = None) -> None:
        self._seconds = seconds
        self._patience = patience
        self._began = (0.0, 0.0)
        self._watch = _NOTHING if _CLOCK.is_there else watched()
        self._depth = 0
        self.outer: time_limit | None = None

    def __enter__(self) -> None:
        self._depth = sys.getrecursionlimit()
        self._watch.__enter__()
        if _in_main_thread():
            self._began = time.process_time(), time.monotonic()
            self.outer, _CLOCK.limit = _CLOCK.limit, self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if _in_main_thread():
            _CLOCK.limit = self.outer
        self._watch.__exit__(kind, error, traceback)
        if sys.getrecursionlimit() != self._depth:
            sys.setrecursionlimit(self._depth)

    def look(self) -> None:
        """Raise ``HangError`` if the time is over."""
        computing, waiting = self._began
        error = overrun(
            time.process_time() - computing,
            time.monotonic() - waiting,
            self._seconds,
            patience=self._patience,
        )
        if error is not None:
            raise error


_MAIN_THREAD = threading.main_thread().ident


def _in_main_thread() -> bool:
    return threading.get_ident() == _MAIN_THREAD


def _report_all_but_hangs(report: Report) -> Report:
    """What reports the errors that Python swallows, kept quiet about hangs, which come again."""

    def report_others(unraisable: sys.UnraisableHookArgs) -> None:
        if not isinstance(unraisable.exc_value, HangError):
            report(unraisable)

    return report_others
