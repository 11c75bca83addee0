"""Tasks done by the workers of a Dask cluster."""

from __future__ import annotations

import contextlib
import pickle
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import replace
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

from distributed import Client, Future, KilledWorker
from distributed.comm.core import CommClosedError

from gradcheck.engines.loading import EngineLoadError
from gradcheck.fuzz.cluster_worker import EnginePools, Sealed, do
from gradcheck.fuzz.executor import Attempt, ClusterError, Lost, TaskError
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.throttle import every

_TASKS_PER_THREAD = 2
"""One to do, and one to go on with while the answer is on its way."""

_SECONDS_BETWEEN_COUNTS = 2.0
"""Of the workers, which come and go."""


class Cluster:
    """The workers at the address of a Dask scheduler, however many there are at the time.

    Where a worker dies, Dask has its tasks done by another one. ``say`` is told when there is none.
    Raises ``ClusterError``.
    """

    def __init__(
        self, address: str, spec: str, options: Options, *, say: Callable[[str], None]
    ) -> None:
        self._address = address
        self._options = options
        self._say = say
        self._is_due = every(_SECONDS_BETWEEN_COUNTS)
        self._threads = 0
        self._waits = False
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
            raise self._unable(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):  # the scheduler may be gone
            self._client.cancel(list(self._attempts))
            self._client.unregister_worker_plugin(self._plugin.name)
        self._client.close()

    @property
    def width(self) -> int:
        return max(1, _TASKS_PER_THREAD * self._threads)

    def submit(self, attempt: Attempt) -> None:
        sealed = Sealed.of(attempt.task, self._options.operations)
        future = self._client.submit(
            do, self._plugin.name, replace(attempt, task=sealed), pure=False
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
            raise self._lost() from error
        except (EngineLoadError, TaskError):
            raise
        except Exception as error:
            raise self._unable(error) from error
        return pickle.loads(answer) if isinstance(answer, bytes) else answer  # noqa: S301 - of Sealed

    def _count_threads(self) -> None:
        try:
            self._threads = sum(self._client.nthreads().values())
        except OSError as error:
            raise self._lost() from error
        if not self._threads and not self._waits:
            self._say(f"Waiting for a worker: dask worker {self._address}")
        self._waits = not self._threads

    def _unable(self, error: Exception) -> ClusterError:
        return ClusterError(
            f"the cluster at {self._address} cannot do its tasks: is the same gradcheck installed "
            f"for its scheduler and for every worker? {error}"
        )

    def _lost(self) -> ClusterError:
        return ClusterError(
            f"the Dask scheduler at {self._address} is gone; "
            "when it is there again, go on with --resume"
        )
