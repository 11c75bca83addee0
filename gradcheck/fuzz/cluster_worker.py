"""What a run has on each Dask worker: processes with the engine, and tasks for them."""

from __future__ import annotations

import multiprocessing
import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from distributed import Worker, WorkerPlugin, get_worker

from gradcheck.engines.loading import EngineLoadError
from gradcheck.engines.protocol import Engine
from gradcheck.fuzz.executor import Attempt, Lost
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.pool import ProcessPool
from gradcheck.fuzz.tasks import Task
from gradcheck.operations import Operation

_SECONDS_BETWEEN_LOOKS = 1.0
"""At whether a process stands still."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A task as bytes, and so is its answer.

    What either holds may be an operation that the engine's module registers: then only a process
    that has the engine can read it, which neither Dask's scheduler nor its workers have.
    """

    content: bytes
    isolated: bool

    @classmethod
    def of(cls, task: Task[object], operations: tuple[Operation, ...]) -> Sealed:
        """A task, and the operations of the options that it needs."""
        return cls(pickle.dumps((task, operations)), task.isolated)

    def do(self, engine: Engine, options: Options, alive: Callable[[], None]) -> bytes:
        # Whoever may send a task to a Dask worker may have it run any code as it is.
        task, operations = pickle.loads(self.content)  # noqa: S301 - see above
        options = replace(options, operations=operations)
        return pickle.dumps(task.do(engine, options, alive))

    def given_up(self) -> bytes:
        raise NotImplementedError  # it is for the run to give up the task in it


class EnginePools(WorkerPlugin):
    """ProcessPool of a Dask worker that have the engine, one for each of its threads.

    They are kept for as long as the run goes on, and Dask has them on workers that come later too.
    An engine that ends its process does not end the Dask worker.
    """

    def __init__(self, name: str, spec: str, options: Options) -> None:
        self.name = name
        self._spec = spec
        self._options = replace(options, operations=())  # they come with each task

    def setup(self, worker: Worker) -> None:
        self._address = worker.address
        self._lock = threading.Lock()
        self._idle: list[ProcessPool] = []
        self._is_over = False
        # Dask starts its workers as daemons, which may have no children as these would be left
        # behind. Those of ours end when nobody listens any more.
        multiprocessing.current_process().daemon = False

    def teardown(self, worker: Worker) -> None:
        with self._lock:
            self._is_over = True
            for process in self._idle:
                process.stop()

    def do(self, attempt: Attempt) -> object | Lost:
        """The answer to a task. Raises ``EngineLoadError`` and ``TaskError``."""
        process = self._take()
        process.submit(attempt)
        while not (done := process.wait(_SECONDS_BETWEEN_LOOKS)):
            pass
        self._give_back(process)
        [(_, answer)] = done
        return answer

    def _take(self) -> ProcessPool:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        process = ProcessPool(self._spec, self._options.limits, count=1)
        try:
            process.begin(self._options)
        except EngineLoadError as error:
            message = f"the worker {self._address} cannot load the engine: {error}"
            raise EngineLoadError(message) from None
        return process

    def _give_back(self, process: ProcessPool) -> None:
        with self._lock:
            if self._is_over:
                process.stop()
            else:
                self._idle.append(process)


def do(plugin: str, attempt: Attempt) -> object | Lost:
    """What Dask is given to do. Raises ``EngineLoadError`` and ``TaskError``."""
    processes = get_worker().plugins[plugin]
    assert isinstance(processes, EnginePools)
    return processes.do(attempt)
