"""End this process at its deadline, also if it is busy or stuck."""

from __future__ import annotations

import contextlib
import math
import os
import threading
import time
from collections.abc import Iterator

import psutil

from gradcheck.cli.output import ExitCode

_STANDARD_ERROR = 2

_POLL_SECONDS = 0.1

_MESSAGE = (
    b"Ended at once, because something did not come to an end in time. The findings until then are "
    b"saved; --resume goes on.\n"
)


class Deadline:
    """The time at which this process is ended; at first there is none."""

    def __init__(self) -> None:
        self._at = math.inf

    def no_later_than(self, seconds: float) -> None:
        """Move the deadline to that many seconds from now, unless it is earlier."""
        self._at = min(self._at, time.monotonic() + seconds)

    @property
    def has_passed(self) -> bool:
        """Whether the time has come."""
        return time.monotonic() >= self._at


@contextlib.contextmanager
def ended_at(deadline: Deadline) -> Iterator[None]:
    """End this process and its children if the block has not ended by the deadline.

    A thread watches, because the main thread may wait for something that never comes.
    """
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_POLL_SECONDS):
            if deadline.has_passed:
                _end()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _end() -> None:
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                child.kill()
    with contextlib.suppress(OSError):  # standard error may be closed
        os.write(_STANDARD_ERROR, _MESSAGE)
    os._exit(ExitCode.INTERRUPTED)
