"""How a long run is told to stop: by a signal, or by a file."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event as Flag
from types import FrameType

import click


@contextlib.contextmanager
def stopping(stop_file: Path | None) -> Iterator[Callable[[], bool]]:
    """Whether to stop: after Ctrl-C, SIGTERM, or when there is the file.

    A second signal acts at once, as usual. Raises ``UsageError`` where the file is there already.
    """
    if stop_file is not None and stop_file.exists():
        message = f"{stop_file} is there already, which would stop the run: remove it"
        raise click.UsageError(message)
    stop = Flag()

    def interrupt(number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, interrupt)
    try:
        yield lambda: stop.is_set() or (stop_file is not None and stop_file.exists())
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
