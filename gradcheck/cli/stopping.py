"""How a long run is told to stop: by a signal, or by a file."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event as Flag
from types import FrameType

import click

_STANDARD_ERROR = 2

_SAID = b"Stopping when what was found is saved; once more stops at once.\n"


@contextlib.contextmanager
def stopping(stop_file: Path | None) -> Iterator[Callable[[], bool]]:
    """Whether to stop: after Ctrl-C, SIGTERM, or when there is the file.

    A second signal acts at once, as usual, which the first one says. A signal that the process was
    started to ignore is none, as Ctrl-C in what a script runs in the background. Raises
    ``UsageError`` where the file is there already.
    """
    if stop_file is not None and stop_file.exists():
        message = f"{stop_file} is there already, which would stop the run: remove it"
        raise click.UsageError(message)
    stop = Flag()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        restore()
        # Not by way of a stream, which the signal may have interrupted in the middle of a line.
        with contextlib.suppress(OSError):  # nobody may be there to read it
            os.write(_STANDARD_ERROR, _SAID)

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def stopped() -> bool:
        if stop_file is not None and stop_file.exists():
            stop.set()
        return stop.is_set()

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    before = {n: handler for n, handler in handlers.items() if handler is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, interrupt)
    try:
        yield stopped
    finally:
        restore()
