"""Executors of tasks: all that a run knows of processes and machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gradcheck.engines.arrays.protocol import AnyEngine
from gradcheck.engines.time_limit import watched
from gradcheck.errors import UserError
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.tasks import Task

_ATTEMPTS_WITHOUT_ISOLATION = 2


class TaskError(Exception):
    """A task failed by a fault of the harness itself; the message is its traceback."""


class ClusterError(UserError):
    """A cluster cannot be used; the message is one line: which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt at a task that was lost ``times_lost`` times before.

    The first loss may be a process killed from outside, so the second attempt is like the first.
    The third isolates the engine, which is slow, and is the last.
    """

    task: Task[object]
    times_lost: int = 0

    @property
    def is_isolated(self) -> bool:
        """Whether each run of the engine is made in a process of its own."""
        return self.times_lost == _ATTEMPTS_WITHOUT_ISOLATION or self.task.isolated


@dataclass(frozen=True, slots=True)
class Lost:
    """A task without an answer, because its process died or did not come to an end."""

    why: str


class Executor(Protocol):
    """Does tasks in processes of this machine or of a cluster."""

    @property
    def width(self) -> int:
        """The number of tasks that may be submitted before one of them is done."""

    def submit(self, attempt: Attempt) -> None:
        """Begin a task."""

    def wait(self, seconds: float) -> Sequence[tuple[Attempt, object | Lost]]:
        """Return the tasks done since the last call, with their answers.

        Wait for the first of them, but no longer than ``seconds``. Raises ``TaskError``,
        ``ClusterError``, and the ``UserError`` that a task raises.
        """


class InlineExecutor:
    """Does tasks in this process, which an engine can end."""

    width = 1

    def __init__(self, engine: AnyEngine, options: Options) -> None:
        self._engine = engine
        self._options = options
        self._attempts: list[Attempt] = []

    def submit(self, attempt: Attempt) -> None:
        self._attempts.append(attempt)

    def wait(self, seconds: float) -> Sequence[tuple[Attempt, object | Lost]]:
        attempts, self._attempts = self._attempts, []
        with watched():
            return [
                (attempt, attempt.task.run(self._engine, self._options, lambda: None))
                for attempt in attempts
            ]
