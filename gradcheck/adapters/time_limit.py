"""A limit on the time that an engine may take."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

from gradcheck.adapters.engine import HangError

Report = Callable[["sys.UnraisableHookArgs"], object]
"""What ``sys.unraisablehook`` may be."""


PATIENCE = 60.0
"""Seconds of any kind after which nothing more is waited for.

On a busy machine, or one that was suspended, a computation may take many times as long as it
computes, and none of that is the engine's fault. So this is only for what computes nothing at all,
such as a lock that is never released, and for that any end will do.
"""


@contextlib.contextmanager
def time_limit(seconds: float, *, patience: float = PATIENCE) -> Iterator[None]:
    """Raise ``HangError`` from within the block when it has computed for so many seconds.

    Time in which the machine does something else does not count, up to ``patience`` seconds of it.
    It interrupts Python code in the main thread, on systems with POSIX timers; elsewhere there is
    no limit. A timer that somebody else has set goes on afterwards.

    An error that is swallowed comes again, a tenth of the time later. Python itself swallows those
    that are raised while it cleans up (``__del__``, weak references, garbage collection).
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not (in_main_thread and hasattr(signal, "setitimer")):
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        if time.process_time() - begin >= seconds:
            message = f"no end after computing for {seconds:g} s"
            raise HangError(message)
        if time.monotonic() - begin_waiting >= patience:
            message = f"no end after waiting for {patience:g} s"
            raise HangError(message)

    begin, begin_waiting = time.process_time(), time.monotonic()
    before = signal.signal(signal.SIGALRM, stop)
    report, sys.unraisablehook = sys.unraisablehook, _report_all_but_hangs(sys.unraisablehook)
    # A timer of computing time costs a hundred times as much, so this one asks for it, again and
    # again.
    first = min(seconds, patience)
    others = signal.setitimer(signal.ITIMER_REAL, first, first / 10.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *others)
        signal.signal(signal.SIGALRM, before)
        sys.unraisablehook = report


def _report_all_but_hangs(report: Report) -> Report:
    """What reports the errors that Python swallows, kept quiet about hangs, which come again."""

    def report_others(unraisable: sys.UnraisableHookArgs) -> None:
        if not isinstance(unraisable.exc_value, HangError):
            report(unraisable)

    return report_others
