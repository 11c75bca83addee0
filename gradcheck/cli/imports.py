"""Import what a command works with, once it is called."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def never_collected() -> Iterator[None]:
    """Import within the block, and have garbage collection leave alone what is there then.

    Modules are no garbage. Looking through those of SymPy, while they are imported, in each forked
    child and once more at the end, took a quarter of the time of a short command.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
