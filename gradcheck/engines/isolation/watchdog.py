"""A process that ends itself when nothing in it moves: what hangs in C, nobody within can stop."""

from __future__ import annotations

import contextlib
import faulthandler
import os
from collections.abc import Iterator
from pathlib import Path

from gradcheck.engines.time_limit import on_every_tick


@contextlib.contextmanager
def exit_when_stuck(seconds: float) -> Iterator[None]:
    """End this process when no Python code has run in its main thread for so many seconds.

    So it ends while a call into C does not return or keeps all signals away. It also ends when its
    parent is gone, as nobody then waits for what it does.
    """
    parent = os.getppid()
    with Path(os.devnull).open("w") as nowhere:

        def put_off() -> None:
            if os.getppid() != parent:
                os._exit(1)
            faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)

        put_off()
        try:
            with on_every_tick(put_off):
                yield
        finally:
            faulthandler.cancel_dump_traceback_later()
