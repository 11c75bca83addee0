"""A worker process as its parent sees it."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import time
from collections.abc import Sequence
from multiprocessing.context import ForkServerContext, SpawnContext

import psutil

from gradcheck.engines.isolation.child_process import can_fork
from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.engines.loading import EngineLoadError
from gradcheck.errors import UserError
from gradcheck.fuzz.executor import Attempt, Lost, TaskError
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.worker_process import Message, TaskAnswer, serve

_SECONDS_TO_END = 0.5
"""Time for a process to end by itself; afterwards it is killed."""


class Worker:
    """A process with the engine: the task that it does, and its messages.

    With ``siblings``, the workers that exist already, it is forked from this process if the system
    can fork. Otherwise it is started from a process without an engine.
    """

    def __init__(
        self, spec: str, limits: EngineLimits, *, siblings: Sequence[Worker] | None = None
    ) -> None:
        self.attempt: Attempt | None = None
        self.last_message = time.monotonic()
        self._is_idle = False
        self._memory_after_load = self._memory_before_task = 0
        self._spec = spec
        forks = siblings is not None and can_fork()
        context = multiprocessing.get_context("fork") if forks else _context()
        self.pipe, child_end = context.Pipe()
        # A forked process inherits these ends of the pipes, and must close them to notice ours.
        inherited = [worker.pipe for worker in (*(siblings or ()), self)] if forks else []
        self._process = context.Process(
            target=serve, args=(spec, limits, child_end, inherited), daemon=True
        )
        self._process.start()
        child_end.close()

    def begin(self, options: Options) -> None:
        """Wait until the engine is loaded, and send the options. Raises ``EngineLoadError``."""
        message = self._next_message()
        if isinstance(message, Lost):
            reason = f"loading {self._spec} ended its process: {message.why}"
            raise EngineLoadError(reason)
        if isinstance(message, EngineLoadError):
            raise message
        with contextlib.suppress(psutil.Error):
            self._memory_after_load = self._memory()
        # The options may name operations that the engine's module registers, so they come now. If
        # the process has died since, the next message tells.
        with contextlib.suppress(OSError):
            self.pipe.send(options)
        self._is_idle = True

    def begin_task(self, attempt: Attempt) -> None:
        """Send a task to the process, which has none."""
        self.attempt = attempt
        self._is_idle = False
        self.last_message = time.monotonic()
        with contextlib.suppress(psutil.Error):
            self._memory_before_task = self._memory()
        # If the process died while it was idle, the next message tells.
        with contextlib.suppress(OSError):
            self.pipe.send(attempt)

    def receive(self) -> TaskAnswer | Lost | None:
        """Wait for a message, and return it unless it is a heartbeat.

        Raises ``TaskError``, and the ``UserError`` that a task raises.
        """
        message = self._next_message()
        self.last_message = time.monotonic()
        match message:
            case TaskAnswer():
                self.attempt = None
                self._is_idle = True
                return message
            case Lost():
                return message
            case UserError() | TaskError():
                raise message
        return None

    def grew_during_task(self) -> int:
        """Return the bytes of memory that the process has taken since its task began."""
        return self._growth(self._memory_before_task)

    def grew_since_load(self) -> int:
        """Return the bytes of memory that the process has taken since the engine was loaded."""
        return self._growth(self._memory_after_load)

    def _growth(self, before: int) -> int:
        try:
            return self._memory() - before
        except psutil.Error:  # the process has just ended
            return 0

    def _memory(self) -> int:
        resident: int = psutil.Process(self._process.pid).memory_info().rss
        return resident

    def stop(self) -> None:
        """End the process. An idle one ends by itself, and a busy one is killed."""
        self.pipe.close()
        if not self._is_idle:
            self._kill()
        self._join()

    def _join(self) -> None:
        """Wait for the end of the process, and kill it if threads of the engine keep it alive."""
        self._process.join(_SECONDS_TO_END)
        self._kill()
        self._process.join()

    def _kill(self) -> None:
        """Kill the process and its children, which have sessions of their own."""
        if not self._process.is_alive():
            return  # and another process may have its number
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self._process.pid)
            process.suspend()  # so that it starts no other child
            for child in process.children(recursive=True):
                child.kill()
        self._process.kill()

    def _next_message(self) -> Message | Lost:
        try:
            message: Message = self.pipe.recv()
        except (EOFError, OSError):
            self._join()
            return Lost(_ending(self._process.exitcode))
        return message


def _ending(code: int | None) -> str:
    """Return how a process ended, in words."""
    if code is not None and code < 0:
        return signal.strsignal(-code) or f"signal {-code}"
    return f"exit code {code}"


def _context() -> ForkServerContext | SpawnContext:
    """Return a way to start processes from one that has loaded gradcheck and no engine.

    A process with threads, which many libraries start, must not be forked.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    # The first keeps a module in the working directory from being taken for one of gradcheck's.
    context.set_forkserver_preload(["gradcheck.__main__", "gradcheck.fuzz.worker_process"])
    return context
