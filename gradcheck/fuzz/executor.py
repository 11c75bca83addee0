"""Where tasks are done: the one thing that a run has to know of processes and machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gradcheck.engines.protocol import Engine
from gradcheck.engines.time_limit import watched
from gradcheck.errors import UserError
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.tasks import Task

_TIMES_IN_ONE_PROCESS = 2


class TaskError(Exception):
    """A task has failed by a fault of the harness itself; the message is its traceback."""


class ClusterError(UserError):
    """A cluster that cannot be reached; the message is one line: which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A task to be done, which has been ``lost`` so many times.

    A process may be killed from outside, so it is done once more in the same way. What is lost
    twice is done with the engine apart, which takes long.
    """

    task: Task[object]
    lost: int = 0

    @property
    def is_isolated(self) -> bool:
        """Whether each run of the engine is to be in a process of its own; it is the last try."""
        return self.lost == _TIMES_IN_ONE_PROCESS or self.task.isolated


@dataclass(frozen=True, slots=True)
class Lost:
    """There is no answer: the process that had the task died, or did not come to an end."""

    why: str


class Executor(Protocol):
    """Where tasks are done: in processes of this machine, or in those of a cluster."""

    @property
    def width(self) -> int:
        """How many tasks may be submitted before one of them is done."""

    def submit(self, attempt: Attempt) -> None:
        """Have a task done, some time."""

    def wait(self, seconds: float) -> Sequence[tuple[Attempt, object | Lost]]:
        """What was done meanwhile, with its answer: as soon as there is any, or else nothing.

        Raises ``TaskError``, ``EngineLoadError`` and ``ClusterError``.
        """


class InlineExecutor:
    """The process that the run is in, which an engine can take with it."""

    width = 1

    def __init__(self, engine: Engine, options: Options) -> None:
        self._engine = engine
        self._options = options
        self._attempts: list[Attempt] = []

    def submit(self, attempt: Attempt) -> None:
        self._attempts.append(attempt)

    def wait(self, seconds: float) -> Sequence[tuple[Attempt, object | Lost]]:
        attempts, self._attempts = self._attempts, []
        with watched():
            return [
                (attempt, attempt.task.do(self._engine, self._options, lambda: None))
                for attempt in attempts
            ]
