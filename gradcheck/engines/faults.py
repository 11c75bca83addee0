"""An error that an engine raised, as plain words."""

from __future__ import annotations

import re

from gradcheck.engines.protocol import Fault, HangError
from gradcheck.engines.time_limit import time_limit

_SECONDS_FOR_A_TEXT = 1.0
"""An error's text is made by code of the engine's, which may hang like any other."""

_LONGEST_TEXT = 200


def fault_of(error: BaseException, *, stage: str, position: int | None) -> Fault:
    """The fault that an error is: its class and the first line of its text.

    Both may be anything. The class becomes one word, and what is no printable character is written
    as an escape, so that any terminal and file can take it. ``MemoryError`` stands for all errors
    that are derived from it.
    """
    kind = MemoryError if isinstance(error, MemoryError) else type(error)
    name = re.sub(r"\W+", "_", kind.__name__)
    limit = error.limit if isinstance(error, HangError) else None
    return Fault(stage, name.strip("_") or "unnamed", _text(error), position, limit)


def _text(error: BaseException) -> str:
    try:
        with time_limit(_SECONDS_FOR_A_TEXT):
            lines = str(error).splitlines()
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - an engine's error may not even have a text
        return ""
    line = lines[0] if lines else ""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line[:_LONGEST_TEXT])
