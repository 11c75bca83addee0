"""Tasks done in processes of this machine, each with an engine of its own."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from functools import partial
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self

from gradcheck.engines.evaluation import SECONDS as SECONDS_OF_A_LIBRARY
from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.fuzz.executor import Attempt, Lost
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.worker import Answer, Worker

_LEAST_PATIENCE = 120.0

_LIMITS_OF_A_CASE = 20
"""A case is several runs of the engine, and blame asks for more."""


def patience_with(limits: EngineLimits) -> float:
    """Seconds without a sign of life after which a process is not waited for any more.

    That is more than what an engine takes that is stopped from within, which most can be.
    """
    return max(_LEAST_PATIENCE, _LIMITS_OF_A_CASE * (limits.seconds or SECONDS_OF_A_LIBRARY))


class ProcessPool:
    """So many processes, which load an engine; one that dies or stands still is replaced.

    ``forked`` says that this process has no threads and nothing of the engine's: then they are
    copies of it where the system can make them, and nothing has to be imported once more.
    """

    def __init__(
        self, spec: str, limits: EngineLimits, *, count: int, forked: bool = False
    ) -> None:
        self._new_worker = partial(Worker, spec, limits)
        self._most_memory = limits.memory
        self._patience = patience_with(limits)
        self._workers: list[Worker] = []
        with self._stopped_by_an_error():
            for _ in range(count):
                beside = tuple(self._workers) if forked else None
                self._workers.append(self._new_worker(forked_beside=beside))

    def begin(self, options: Options) -> None:
        """Wait until all have the engine, and tell them what the run is asked to do.

        Raises ``EngineLoadError`` where one of them cannot load the engine.
        """
        self._options = options
        with self._stopped_by_an_error():
            for worker in self._workers:
                worker.begin(options)

    @contextlib.contextmanager
    def _stopped_by_an_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End them, whatever they do."""
        while self._workers:
            self._workers.pop().stop()

    @property
    def width(self) -> int:
        return len(self._workers)

    def submit(self, attempt: Attempt) -> None:
        next(worker for worker in self._workers if worker.attempt is None).give(attempt)

    def wait(self, seconds: float) -> Sequence[tuple[Attempt, object | Lost]]:
        busy = [worker for worker in self._workers if worker.attempt is not None]
        ready = wait([worker.pipe for worker in busy], seconds)
        done: list[tuple[Attempt, object | Lost]] = []
        for worker in busy:
            attempt = worker.attempt
            assert attempt is not None
            said = worker.heard() if worker.pipe in ready else self._patience_with(worker)
            if isinstance(said, Lost):
                done.append((attempt, said))
                self._replace(worker)
            elif isinstance(said, Answer):
                done.append((attempt, said.answer))
                if worker.keeps_more_than(self._most_memory):
                    self._replace(worker)
        return done

    def _patience_with(self, worker: Worker) -> Lost | None:
        if worker.takes_more_than(self._most_memory):
            return Lost("it took too much memory")
        if time.monotonic() - worker.last_sign < self._patience:
            return None
        return Lost(f"no sign of life for {self._patience:g} s")

    def _replace(self, worker: Worker) -> None:
        worker.stop()
        new = self._new_worker()
        self._workers[self._workers.index(worker)] = new
        new.begin(self._options)
