"""A limit on the time that an engine may take."""

from __future__ import annotations

import contextlib
import gc
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

from gradcheck.adapters.engine import HangError


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise ``HangError`` from within the block when it has computed for so many seconds.

    Time in which the machine does something else does not count. It interrupts Python code in the
    main thread, on systems with POSIX timers; elsewhere there is no limit. A timer that somebody
    else has set goes on afterwards.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not (in_main_thread and hasattr(signal, "setitimer")):
        yield
        return

    def stop(_number: int, frame: FrameType | None) -> None:
        if time.process_time() - begin >= seconds and not _collects_garbage(frame):
            message = f"no end after computing for {seconds:g} s"
            raise HangError(message)

    begin = time.process_time()
    before = signal.signal(signal.SIGALRM, stop)
    # A timer of computing time costs a hundred times as much, so this one asks for it, again and
    # again.
    others = signal.setitimer(signal.ITIMER_REAL, seconds, seconds / 10.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *others)
        signal.signal(signal.SIGALRM, before)


def _collects_garbage(frame: FrameType | None) -> bool:
    """Whether a callback of the garbage collector runs: what it raises is printed and swallowed."""
    callbacks = {getattr(callback, "__code__", None) for callback in gc.callbacks}
    while frame is not None and frame.f_code not in callbacks:
        frame = frame.f_back
    return frame is not None
