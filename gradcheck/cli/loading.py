"""Tell that an engine is being loaded, if that takes longer than a moment."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator

_STANDARD_ERROR = 2

_FIRST_SECONDS = 0.7
"""After this time a reader wonders whether anything happens."""

_SECONDS_BETWEEN_LINES = 5.0


@contextlib.contextmanager
def loading_is_told(what: str) -> Iterator[Callable[[], None]]:
    """Write a line to standard error, and later more of them, until the yielded function is called.

    The thread that does so holds no lock, so that processes may be forked within the block.
    """
    ended = threading.Event()
    began = time.monotonic()

    def tell() -> None:
        wait = _FIRST_SECONDS
        while not ended.wait(wait):
            line = f"Loading {what}: {time.monotonic() - began:.0f} s\n"
            with contextlib.suppress(OSError):  # standard error may be closed
                os.write(_STANDARD_ERROR, line.encode())
            wait = _SECONDS_BETWEEN_LINES

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()

    def loaded() -> None:
        ended.set()
        teller.join()

    try:
        yield loaded
    finally:
        loaded()
