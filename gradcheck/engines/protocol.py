"""What the harness asks of an engine under test, and what it gets back."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from gradcheck.expression import Case
from gradcheck.operations import Operation
from gradcheck.precision import Precision


class HangError(BaseException):
    """The engine under test took too long: more than ``limit`` seconds.

    No ``Exception``, so that an engine that catches these does not catch this one.
    """

    def __init__(self, message: str, *, limit: float | None = None) -> None:
        super().__init__(message)
        self.limit = limit


WAITING = "no end after waiting"
"""How the message of a ``HangError`` begins where hardly anything was computed."""

EXIT = "exit"
"""The error of what ended its process without a signal, as ``os._exit`` does."""

_ENDINGS = frozenset({EXIT, SystemExit.__name__, *signal.Signals.__members__})


def ends_process(error: str) -> bool:
    """Whether an error, by its name, ends the process that it happens in.

    >>> ends_process("SIGSEGV"), ends_process("ValueError")
    (True, False)
    """
    return error in _ENDINGS


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an engine gave no numbers: while ``forward`` or ``backward``, and what happened.

    ``error`` is the class of an error, or the name of a signal. ``position`` is the node that was
    being made, where that is known. ``limit`` is what the engine took more of than it may: the
    seconds of a hang, the bytes of memory. An error that it raised itself has none.
    """

    stage: str
    error: str
    message: str
    position: int | None = None
    limit: float | None = None

    @property
    def is_hang(self) -> bool:
        """Whether the engine did not come to an end."""
        return self.error == HangError.__name__

    @property
    def is_waiting(self) -> bool:
        """Whether the engine did not come to an end and computed hardly anything."""
        return self.is_hang and self.message.startswith(WAITING)

    @property
    def is_memory(self) -> bool:
        """Whether there was not enough memory."""
        return self.error == MemoryError.__name__

    @property
    def ends_process(self) -> bool:
        """Whether it ends the process that it happens in."""
        return ends_process(self.error)

    @property
    def in_words(self) -> str:
        """What the engine did, such as ``raised OverflowError: math range error``."""
        return f"{'ended its process by' if self.ends_process else 'raised'} {self}"

    def __str__(self) -> str:
        return f"{self.error}: {self.message}" if self.message else self.error


class Reading(NamedTuple):
    """What an engine says of one node: its value and its adjoint, ``None`` where there is none."""

    value: float | None
    adjoint: float | None


@dataclass(frozen=True, slots=True)
class Run:
    """One forward and backward pass of an engine over a case.

    ``readings`` has one entry per node of the expression; a constant's may be empty, and that of an
    operation has neither number where the engine lets nobody look inside. ``value`` was
    read before the backward pass, the readings after it. With a ``fault`` there are only the
    numbers that came before it.
    """

    value: float | None
    readings: tuple[Reading, ...]
    fault: Fault | None = None


class Engine(Protocol):
    """An engine under test; it is hashable, so that its answers can be kept."""

    def __hash__(self) -> int: ...

    @property
    def spec(self) -> str:
        """What was asked for, such as ``engine:Value``."""

    @property
    def operations(self) -> frozenset[Operation]:
        """The operations of the table that the engine has."""

    @property
    def precision(self) -> Precision:
        """The format that it computes in; its cases have numbers of that format only."""

    def run(self, case: Case) -> Run:
        """Evaluate the case and send gradients back; never raises for what the engine does."""

    def run_again(self, case: Case) -> Run | None:
        """The same over inputs that were part of another graph before, as in a training loop.

        There they had other numbers, and the gradients that they got are cleared. ``None`` where
        the engine has no inputs that could be used again.
        """

    def value(self, case: Case) -> float | Fault:
        """Evaluate the case only; never raises for what the engine does."""
