"""End a process that is stuck in a call into C, or whose parent is gone."""

from __future__ import annotations

import contextlib
import faulthandler
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from gradcheck.engines.time_limit import on_every_tick


@contextlib.contextmanager
def exit_when_stuck(seconds: float) -> Iterator[None]:
    """Exit if no Python code has run in the main thread for that many seconds.

    This happens while a call into C does not return, or blocks all signals. Also exit when the
    parent process is gone.
    """
    exit_if_orphaned = _exit_if_orphaned()
    with Path(os.devnull).open("w") as nowhere:

        def postpone() -> None:
            exit_if_orphaned()
            faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)

        postpone()
        try:
            with on_every_tick(postpone):
                yield
        finally:
            faulthandler.cancel_dump_traceback_later()


@contextlib.contextmanager
def exit_when_orphaned() -> Iterator[None]:
    """Exit when the parent process is gone, because nobody waits for the result any more.

    Unlike ``exit_when_stuck``, it may surround work that forks children which use that: in them,
    faulthandler would wait for a thread that the fork did not copy.
    """
    with on_every_tick(_exit_if_orphaned()):
        yield


def _exit_if_orphaned() -> Callable[[], None]:
    parent = os.getppid()

    def look() -> None:
        if os.getppid() != parent:
            os._exit(1)

    return look
