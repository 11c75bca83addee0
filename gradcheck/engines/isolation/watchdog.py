"""A process that ends itself: when nothing in it moves, or when nobody waits for it any more."""

from __future__ import annotations

import contextlib
import faulthandler
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from gradcheck.engines.time_limit import on_every_tick


@contextlib.contextmanager
def exit_when_stuck(seconds: float) -> Iterator[None]:
    """End this process when no Python code has run in its main thread for so many seconds.

    So it ends while a call into C does not return or keeps all signals away. It also ends when its
    parent is gone.
    """
    exit_if_orphaned = _exit_if_orphaned()
    with Path(os.devnull).open("w") as nowhere:

        def put_off() -> None:
            exit_if_orphaned()
            faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)

        put_off()
        try:
            with on_every_tick(put_off):
                yield
        finally:
            faulthandler.cancel_dump_traceback_later()


@contextlib.contextmanager
def exit_when_orphaned() -> Iterator[None]:
    """End this process when its parent is gone, as nobody then waits for what it does.

    Unlike ``exit_when_stuck`` it may be used around work that forks children which use that:
    faulthandler waits in them for a thread that was not copied.
    """
    with on_every_tick(_exit_if_orphaned()):
        yield


def _exit_if_orphaned() -> Callable[[], None]:
    parent = os.getppid()

    def look() -> None:
        if os.getppid() != parent:
            os._exit(1)

    return look
