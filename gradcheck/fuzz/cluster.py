"""Do tasks on the workers of a Dask cluster."""

from __future__ import annotations

import contextlib
import pickle
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Self

from distributed import Client, Future, KilledWorker
from distributed.comm.core import CommClosedError

from gradcheck.errors import UserError
from gradcheck.fuzz.cluster_worker import EnginePools, PickledTask, run_attempt
from gradcheck.fuzz.events import every
from gradcheck.fuzz.executor import Attempt, ClusterError, Lost, TaskError
from gradcheck.fuzz.options import Options

_TASKS_PER_THREAD = 2
"""One that is done, and one to begin while the answer is on its way."""

_SECONDS_BETWEEN_COUNTS = 2.0
"""Time between two counts of the threads; workers may join and leave at any time."""


class Cluster:
    """An executor with all workers that a Dask scheduler has at the time.

    If a worker dies, Dask gives its tasks to another. ``echo`` prints a line while there is none.
    Raises ``ClusterError``.
    """

    def __init__(
        self, address: str, spec: str, options: Options, *, echo: Callable[[str], None]
    ) -> None:
        self._address = address
        self._options = options
        self._echo = echo
        self._is_due = every(_SECONDS_BETWEEN_COUNTS)
        self._threads = 0
        self._is_waiting = False
        self._attempts: dict[Future[object], Attempt] = {}
        self._done: SimpleQueue[Future[object]] = SimpleQueue()
        self._plugin = EnginePools(f"gradcheck-{uuid.uuid4()}", spec, options)
        try:
            self._client = Client(address, set_as_default=False)
        except OSError as error:
            message = (
                f"there is no Dask scheduler at {address}: {error}; start one with dask scheduler"
            )
            raise ClusterError(message) from None
        try:
            self._client.register_plugin(self._plugin)
        except Exception as error:
            raise self._unusable(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        with contextlib.suppress(OSError):  # the scheduler may be gone
            self._client.cancel(list(self._attempts))
            self._client.unregister_worker_plugin(self._plugin.name)
        self._client.close()

    @property
    def width(self) -> int:
        return max(1, _TASKS_PER_THREAD * self._threads)

    def submit(self, attempt: Attempt) -> None:
        task = PickledTask.of(attempt.task, self._options.operations)
        future = self._client.submit(
            run_attempt, self._plugin.name, replace(attempt, task=task), pure=False
        )
        self._attempts[future] = attempt
        future.add_done_callback(self._done.put)

    def wait(self, seconds: float) -> Sequence[tuple[Attempt, object | Lost]]:
        if self._is_due():
            self._count_threads()
        done = []
        with contextlib.suppress(Empty):
            future = self._done.get(timeout=seconds)
            while True:
                done.append((self._attempts.pop(future), self._answer(future)))
                future = self._done.get_nowait()
        return done

    def _answer(self, future: Future[object]) -> object | Lost:
        try:
            answer = future.result()
        except KilledWorker as error:
            return Lost(str(error))
        except (CancelledError, CommClosedError) as error:
            raise self._gone() from error
        except (UserError, TaskError):
            raise
        except Exception as error:
            raise self._unusable(error) from error
        return pickle.loads(answer) if isinstance(answer, bytes) else answer  # noqa: S301 - PickledTask's

    def _count_threads(self) -> None:
        try:
            self._threads = sum(self._client.nthreads().values())
        except OSError as error:
            raise self._gone() from error
        if not self._threads and not self._is_waiting:
            self._echo(f"Waiting for a worker: dask worker {self._address}")
        self._is_waiting = not self._threads

    def _unusable(self, error: Exception) -> ClusterError:
        return ClusterError(
            f"the cluster at {self._address} cannot run gradcheck: install the same version for "
            f"its scheduler and for every worker ({error})"
        )

    def _gone(self) -> ClusterError:
        return ClusterError(
            f"the Dask scheduler at {self._address} is gone; "
            "when it is back, continue the run with --resume"
        )
