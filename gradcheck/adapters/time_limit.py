"""A limit on the time that an engine may take."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType

from gradcheck.adapters.engine import HangError

Report = Callable[["sys.UnraisableHookArgs"], object]
"""What ``sys.unraisablehook`` may be."""


PATIENCE = 60.0
"""Seconds of any kind after which nothing more is waited for.

On a busy machine, or one that was suspended, a computation may take many times as long as it
computes, and none of that is the engine's fault. So this is only for what computes nothing at all,
such as a lock that is never released, and for that any end will do.
"""

_TICK = 0.05
"""Seconds between two looks at the clock.

A timer of computing time costs a hundred times as much, so this one asks for it, again and again.
"""


class _Clock:
    """What ticks within ``watched`` and stops the innermost ``time_limit`` when it is over."""

    ticks = False
    limit: time_limit | None = None

    def tick(self, _number: int, _frame: FrameType | None) -> None:
        if self.limit is not None:
            self.limit.look()


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
    if _CLOCK.ticks or not (_in_main_thread() and hasattr(signal, "setitimer")):
        yield
        return
    before = signal.signal(signal.SIGALRM, _CLOCK.tick)
    report, sys.unraisablehook = sys.unraisablehook, _report_all_but_hangs(sys.unraisablehook)
    others = signal.setitimer(signal.ITIMER_REAL, _TICK, _TICK)
    _CLOCK.ticks = True
    try:
        yield
    finally:
        _CLOCK.ticks = False
        signal.setitimer(signal.ITIMER_REAL, *others)
        signal.signal(signal.SIGALRM, before)
        sys.unraisablehook = report


class time_limit:  # noqa: N801 - a block, named like those of contextlib
    """Raise ``HangError`` from within the block when it has computed for so many seconds.

    Time in which the machine does something else does not count, up to ``patience`` seconds of it,
    nor does what passes until the clock ticks for the first time.
    """

    __slots__ = ("_began", "_clock", "_outer", "_patience", "_seconds")

    def __init__(self, seconds: float, *, patience: float = PATIENCE) -> None:
        self._seconds = seconds
        self._patience = patience
        self._began: tuple[float, float] | None = None
        self._clock = _NOTHING if _CLOCK.ticks else watched()
        self._outer: time_limit | None = None

    def __enter__(self) -> None:
        self._clock.__enter__()
        if _in_main_thread():
            self._outer, _CLOCK.limit = _CLOCK.limit, self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if _in_main_thread():
            _CLOCK.limit = self._outer
        self._clock.__exit__(kind, error, traceback)

    def look(self) -> None:
        """Raise ``HangError`` if the time is over."""
        computing, waiting = time.process_time(), time.monotonic()
        if self._began is None:
            self._began = computing, waiting
        began_computing, began_waiting = self._began
        if computing - began_computing >= self._seconds:
            message = f"no end after computing for {self._seconds:g} s"
            raise HangError(message)
        if waiting - began_waiting >= self._patience:
            message = f"no end after waiting for {self._patience:g} s"
            raise HangError(message)


_MAIN_THREAD = threading.main_thread().ident


def _in_main_thread() -> bool:
    return threading.get_ident() == _MAIN_THREAD


def _report_all_but_hangs(report: Report) -> Report:
    """What reports the errors that Python swallows, kept quiet about hangs, which come again."""

    def report_others(unraisable: sys.UnraisableHookArgs) -> None:
        if not isinstance(unraisable.exc_value, HangError):
            report(unraisable)

    return report_others
