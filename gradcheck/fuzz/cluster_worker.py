"""The part of a run on each Dask worker: processes with the engine, and tasks for them."""

from __future__ import annotations

import multiprocessing
import pickle
import threading
from dataclasses import dataclass, replace

from distributed import Worker, WorkerPlugin, get_worker

from gradcheck.engines.arrays.protocol import AnyEngine
from gradcheck.engines.loading import EngineLoadError
from gradcheck.fuzz.executor import Attempt, Lost
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.pool import ProcessPool
from gradcheck.fuzz.tasks import Heartbeat, Task
from gradcheck.operations import Operation

_POLL_SECONDS = 1.0
"""Time between two checks whether a process is stuck."""


@dataclass(frozen=True, slots=True)
class PickledTask:
    """A task as bytes, whose answer is bytes too.

    Both may hold an operation that the engine's module registers. Then only a process with the
    engine can read them, and Dask's scheduler and workers have no engine.
    """

    content: bytes
    isolated: bool

    @classmethod
    def of(cls, task: Task[object], operations: tuple[Operation, ...]) -> PickledTask:
        """Return a task as bytes, with the operations of the options."""
        return cls(pickle.dumps((task, operations)), task.isolated)

    def run(self, engine: AnyEngine, options: Options, heartbeat: Heartbeat) -> bytes:
        # Whoever can send a task to a Dask worker can have it run any code anyway.
        task, operations = pickle.loads(self.content)  # noqa: S301 - see above
        return pickle.dumps(task.run(engine, replace(options, operations=operations), heartbeat))

    def fallback(self) -> bytes:
        raise NotImplementedError  # the run asks the task inside


class EnginePools(WorkerPlugin):
    """Processes with the engine on a Dask worker, one for each of its threads.

    They are kept for as long as the run goes on. Dask installs the plugin on workers that join
    later too. An engine that ends its process does not end the Dask worker.
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
        # Dask starts its workers as daemons, which may have no children, because these could be
        # left behind. Ours end when their parent is gone.
        multiprocessing.current_process().daemon = False

    def teardown(self, worker: Worker) -> None:
        with self._lock:
            self._is_over = True
            for pool in self._idle:
                pool.stop()

    def run(self, attempt: Attempt) -> object | Lost:
        """Return the answer to a task. Raises ``UserError`` and ``TaskError``."""
        pool = self._take()
        pool.submit(attempt)
        while not (done := pool.wait(_POLL_SECONDS)):
            pass
        self._give_back(pool)
        [(_, answer)] = done
        return answer

    def _take(self) -> ProcessPool:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        pool = ProcessPool(self._spec, self._options.limits, count=1)
        try:
            pool.begin(self._options)
        except EngineLoadError as error:
            message = f"the worker {self._address} cannot load the engine: {error}"
            raise EngineLoadError(message) from None
        return pool

    def _give_back(self, pool: ProcessPool) -> None:
        with self._lock:
            if self._is_over:
                pool.stop()
            else:
                self._idle.append(pool)


def run_attempt(plugin: str, attempt: Attempt) -> object | Lost:
    """Return the answer to a task; Dask calls this on a worker.

    Raises ``UserError`` and ``TaskError``.
    """
    pools = get_worker().plugins[plugin]
    assert isinstance(pools, EnginePools)
    return pools.run(attempt)
