"""Do tasks in processes of this machine, each with the engine."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from functools import partial
from multiprocessing.connection import wait
from typing import Self

from gradcheck.engines.evaluation import SECONDS as SECONDS_OF_A_LIBRARY
from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.fuzz.executor import Attempt, Lost
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.worker import Worker
from gradcheck.fuzz.worker_process import TaskAnswer

_SHORTEST_TIMEOUT = 120.0

_RUNS_OF_A_CASE = 20
"""One case takes several runs of the engine, and blame takes more."""


def heartbeat_timeout(limits: EngineLimits) -> float:
    """Return the seconds without a heartbeat after which a process counts as stuck.

    An engine that can be stopped from within, as most can, is stopped long before.
    """
    return max(_SHORTEST_TIMEOUT, _RUNS_OF_A_CASE * (limits.seconds or SECONDS_OF_A_LIBRARY))


class ProcessPool:
    """A number of processes with the engine; one that dies or gets stuck is replaced.

    With ``forked`` they are forked from this process if the system can fork, so that nothing has to
    be imported again. This process must then have no threads and nothing of the engine.
    """

    def __init__(
        self, spec: str, limits: EngineLimits, *, count: int, forked: bool = False
    ) -> None:
        self._new_worker = partial(Worker, spec, limits)
        self._memory_limit = limits.memory
        self._timeout = heartbeat_timeout(limits)
        self._workers: list[Worker] = []
        with self._stopped_on_error():
            for _ in range(count):
                siblings = tuple(self._workers) if forked else None
                self._workers.append(self._new_worker(siblings=siblings))

    def begin(self, options: Options) -> None:
        """Wait until all processes have loaded the engine, and send them the options.

        Raises ``EngineLoadError`` if one of them cannot load it.
        """
        self._options = options
        with self._stopped_on_error():
            for worker in self._workers:
                worker.begin(options)

    @contextlib.contextmanager
    def _stopped_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the processes, whatever they do."""
        for worker in self._workers:
            worker.pipe.close()  # so that all idle ones end at the same time
        while self._workers:
            self._workers.pop().stop()

    @property
    def width(self) -> int:
        return len(self._workers)

    def submit(self, attempt: Attempt) -> None:
        next(worker for worker in self._workers if worker.attempt is None).begin_task(attempt)

    def wait(self, seconds: float) -> Sequence[tuple[Attempt, object | Lost]]:
        busy = [worker for worker in self._workers if worker.attempt is not None]
        ready = wait([worker.pipe for worker in busy], seconds)
        done: list[tuple[Attempt, object | Lost]] = []
        for worker in busy:
            attempt = worker.attempt
            assert attempt is not None
            message = worker.receive() if worker.pipe in ready else self._why_lost(worker)
            if isinstance(message, Lost):
                done.append((attempt, message))
                self._replace(worker)
            elif isinstance(message, TaskAnswer):
                done.append((attempt, message.answer))
                if worker.grew_since_load() > self._memory_limit:
                    self._replace(worker)
        return done

    def _why_lost(self, worker: Worker) -> Lost | None:
        """Return why the task of a silent worker counts as lost, or ``None`` to wait on."""
        if worker.grew_during_task() > self._memory_limit:
            return Lost("it took too much memory")
        if time.monotonic() - worker.last_message < self._timeout:
            return None
        return Lost(f"no heartbeat for {self._timeout:g} s")

    def _replace(self, worker: Worker) -> None:
        worker.stop()
        new = self._new_worker()
        self._workers[self._workers.index(worker)] = new
        new.begin(self._options)
