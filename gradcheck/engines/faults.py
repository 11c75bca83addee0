"""Faults: errors, hangs and ends of a process in place of numbers, as plain data."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass

from gradcheck.engines.time_limit import WAITING, HangError, time_limit

EXIT = "exit"
"""The ``error`` of a process that ended without a signal, as ``os._exit`` does."""

_PROCESS_ENDINGS = frozenset({EXIT, SystemExit.__name__, *signal.Signals.__members__})

_SECONDS_FOR_A_MESSAGE = 1.0
"""The text of an error is made by code of the engine, which may hang like any other."""

_MAX_MESSAGE_LENGTH = 200


def ends_process(error: str) -> bool:
    """Tell whether an error, given by its name, ends the process that it happens in.

    >>> ends_process("SIGSEGV"), ends_process("ValueError")
    (True, False)
    """
    return error in _PROCESS_ENDINGS


@dataclass(frozen=True, slots=True)
class Fault:
    """The reason why an engine returned no numbers.

    ``stage`` is ``forward`` or ``backward``. ``error`` is the class of an exception, or the name of
    a signal. ``position`` is the node that was being computed, where it is known. ``limit`` is the
    limit that was exceeded: seconds for a hang, bytes for memory, ``None`` for an exception that
    the engine raised itself.
    """

    stage: str
    error: str
    message: str
    position: int | None = None
    limit: float | None = None

    @property
    def is_hang(self) -> bool:
        """Whether the engine did not finish in time."""
        return self.error == HangError.__name__

    @property
    def is_waiting(self) -> bool:
        """Whether the engine did not finish in time and computed hardly anything."""
        return self.is_hang and self.message.startswith(WAITING)

    @property
    def is_memory(self) -> bool:
        """Whether there was not enough memory."""
        return self.error == MemoryError.__name__

    @property
    def is_recursion(self) -> bool:
        """Whether Python's recursion limit was reached."""
        return self.error == RecursionError.__name__

    @property
    def ends_process(self) -> bool:
        """Whether it ends the process that it happens in."""
        return ends_process(self.error)

    @property
    def sentence(self) -> str:
        """The engine's action in words, such as ``raised OverflowError: math range error``."""
        return f"{'ended its process by' if self.ends_process else 'raised'} {self}"

    def __str__(self) -> str:
        return f"{self.error}: {self.message}" if self.message else self.error


def fault_of(error: BaseException, *, stage: str, position: int | None) -> Fault:
    """Return the fault for an exception: its class and the first line of its message.

    An engine may put anything into both. The class name is reduced to one word, and characters that
    cannot be printed are escaped, so that every terminal and file can take them. ``MemoryError``
    stands for all its subclasses.
    """
    kind = MemoryError if isinstance(error, MemoryError) else type(error)
    name = re.sub(r"\W+", "_", kind.__name__).strip("_")
    limit = error.limit if isinstance(error, HangError) else None
    return Fault(stage, name or "unnamed", _message(error), position, limit)


def _message(error: BaseException) -> str:
    try:
        with time_limit(_SECONDS_FOR_A_MESSAGE):
            lines = str(error).splitlines()
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - even the text of an engine's error may fail
        return ""
    line = lines[0] if lines else ""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line[:_MAX_MESSAGE_LENGTH])
