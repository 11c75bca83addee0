"""Standard output kept for what was asked for."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Lead what is printed within the block to standard error, by whatever means it is printed."""
    sys.stdout.flush()
    with contextlib.ExitStack() as afterwards:
        with contextlib.suppress(OSError):  # one of the two may be closed
            kept = os.dup(1)
            afterwards.callback(os.close, kept)
            afterwards.callback(os.dup2, kept, 1)
            os.dup2(2, 1)
        afterwards.enter_context(contextlib.redirect_stdout(sys.stderr))
        yield
