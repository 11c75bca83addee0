"""End a process that is stuck: no code within it can stop a call into C that never returns."""

from __future__ import annotations

import contextlib
import faulthandler
import os
from collections.abc import Iterator
from pathlib import Path

from gradcheck.engines.time_limit import on_every_tick


@contextlib.contextmanager
def exit_when_stuck(seconds: float) -> Iterator[None]:
    """Exit if no Python code has run in the main thread for that many seconds.

    This happens while a call into C does not return, or blocks all signals. Also exit when the
    parent process is gone, because nobody waits for the result any more.
    """
    parent = os.getppid()
    with Path(os.devnull).open("w") as nowhere:

        def postpone() -> None:
            if os.getppid() != parent:
                os._exit(1)
            faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)

        postpone()
        try:
            with on_every_tick(postpone):
                yield
        finally:
            faulthandler.cancel_dump_traceback_later()
