"""One process that has the engine, from outside and from inside."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext

import psutil

from gradcheck.engines.isolation.child_process import can_fork
from gradcheck.engines.isolation.isolated_engine import EngineLimits, unwrapped
from gradcheck.engines.isolation.loading import load_isolated_if_possible, seconds_until_stuck
from gradcheck.engines.isolation.watchdog import exit_when_orphaned, exit_when_stuck
from gradcheck.engines.loading import EngineLoadError
from gradcheck.fuzz.executor import Attempt, Lost, TaskError
from gradcheck.fuzz.options import Options

_SECONDS_BETWEEN_SIGNS = 1.0

_SECONDS_TO_END = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a task."""

    answer: object


@dataclass(frozen=True, slots=True)
class _Alive:
    """The engine is there, or another case is about to be judged."""


@dataclass(frozen=True, slots=True)
class _NoEngine:
    message: str


@dataclass(frozen=True, slots=True)
class _Failed:
    traceback: str


_Message = Answer | _Alive | _NoEngine | _Failed


class Worker:
    """A process as its parent sees it: what it was given to do, and what it says.

    With ``forked_beside`` it is a copy of this process where the system can make one: these are
    the workers that are so already. Otherwise it comes from a process without an engine.
    """

    def __init__(
        self, spec: str, limits: EngineLimits, *, forked_beside: Sequence[Worker] | None = None
    ) -> None:
        self.attempt: Attempt | None = None
        self.last_sign = time.monotonic()
        self._is_idle = False
        self._resident_at_first = self._resident_before = 0
        self._spec = spec
        forks = forked_beside is not None and can_fork()
        context = multiprocessing.get_context("fork") if forks else _context()
        self.pipe, theirs = context.Pipe()
        # What is forked has this end of each pipe too, and would never see that it is closed.
        ours = [worker.pipe for worker in (*(forked_beside or ()), self)] if forks else []
        self._process = context.Process(
            target=_work, args=(spec, limits, theirs, ours), daemon=True
        )
        self._process.start()
        theirs.close()

    def begin(self, options: Options) -> None:
        """Wait until the engine is loaded, and tell what the run is. Raises ``EngineLoadError``."""
        said = self._received()
        if isinstance(said, Lost):
            message = f"loading {self._spec} ended its process: {said.why}"
            raise EngineLoadError(message)
        if isinstance(said, _NoEngine):
            raise EngineLoadError(said.message)
        with contextlib.suppress(psutil.Error):
            self._resident_at_first = self._resident()
        # Only now are operations known in that process that the engine's module registers. If it
        # died since, that is noticed when it is listened to.
        with contextlib.suppress(OSError):
            self.pipe.send(options)
        self._is_idle = True

    def takes_more_than(self, memory: int) -> bool:
        """Whether it has come to use so many bytes since it was given what it does."""
        return self._has_grown_by(memory, since=self._resident_before)

    def keeps_more_than(self, memory: int) -> bool:
        """Whether it has come to use so many bytes since it had nothing but the engine."""
        return self._has_grown_by(memory, since=self._resident_at_first)

    def _has_grown_by(self, memory: int, *, since: int) -> bool:
        try:
            return self._resident() - since > memory
        except psutil.Error:  # it has just ended
            return False

    def _resident(self) -> int:
        resident: int = psutil.Process(self._process.pid).memory_info().rss
        return resident

    def give(self, attempt: Attempt) -> None:
        """Have it do a task; it has none."""
        self.attempt = attempt
        self._is_idle = False
        self.last_sign = time.monotonic()
        with contextlib.suppress(psutil.Error):
            self._resident_before = self._resident()
        # If it died while it was idle, that is noticed when it is listened to.
        with contextlib.suppress(OSError):
            self.pipe.send(attempt)

    def heard(self) -> Answer | Lost | None:
        """What it has to say: an answer, that it is gone, or only that it is alive.

        Raises ``TaskError``.
        """
        said = self._received()
        self.last_sign = time.monotonic()
        match said:
            case Answer():
                self.attempt = None
                self._is_idle = True
                return said
            case Lost():
                return said
            case _Failed(text):
                raise TaskError(text)
        return None

    def stop(self) -> None:
        """End the process, whatever it does; if it does nothing, it ends by itself."""
        self.pipe.close()
        if not self._is_idle:
            self._kill()
        self._end()

    def _end(self) -> None:
        """Wait for the end of the process, by force if threads of the engine's keep it."""
        self._process.join(_SECONDS_TO_END)
        self._kill()
        self._process.join()

    def _kill(self) -> None:
        """End the process and its children: one with an engine apart has a session of its own."""
        if not self._process.is_alive():
            return  # and its number may be another's
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self._process.pid)
            process.suspend()  # or it would have another one
            for child in process.children(recursive=True):
                child.kill()
        self._process.kill()

    def _received(self) -> _Message | Lost:
        try:
            message: _Message = self.pipe.recv()
        except (EOFError, OSError):
            self._end()
            return Lost(_ending(self._process.exitcode))
        return message


def _ending(code: int | None) -> str:
    """How a process ended, in words."""
    if code is not None and code < 0:
        return signal.strsignal(-code) or f"signal {-code}"
    return f"exit code {code}"


def _context() -> ForkServerContext | SpawnContext:
    """How processes are started: from one that has gradcheck loaded and nothing of the engine's.

    A process with threads, which many libraries start, must not be forked.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    # The first takes care that no module in the working directory is taken for one of gradcheck's.
    context.set_forkserver_preload(["gradcheck.__main__", "gradcheck.fuzz.worker"])
    return context


def _work(
    spec: str, limits: EngineLimits, pipe: Connection, of_the_parent: Sequence[Connection]
) -> None:
    """Load the engine, and do one task after the other until the parent is gone."""
    for end in of_the_parent:
        end.close()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it is for the parent to say when to stop
    os.dup2(2, 1)  # standard output is the parent's, whatever the engine prints
    faulthandler.disable()  # it was enabled for the parent, which finds out what ended this process
    with contextlib.suppress(EOFError, OSError):  # nobody is at the other end any more
        _serve(spec, limits, pipe)


def _serve(spec: str, limits: EngineLimits, pipe: Connection) -> None:
    """Do what comes through the pipe. Raises ``EOFError`` or ``OSError`` when it is closed.

    Tasks that have ended processes are done with each run of the engine isolated.
    """
    try:
        # The parent may be gone before the import comes to an end, if it ever does.
        with exit_when_orphaned():
            engine = load_isolated_if_possible(spec, limits)
    except EngineLoadError as error:
        pipe.send(_NoEngine(str(error)))
        return
    # Garbage collection would walk through SymPy again and again, which takes long.
    gc.collect()
    gc.freeze()
    due = 0.0

    def alive() -> None:
        nonlocal due
        if time.monotonic() >= due:
            pipe.send(_Alive())
            due = time.monotonic() + _SECONDS_BETWEEN_SIGNS

    alive()
    options: Options = pipe.recv()
    while True:
        attempt: Attempt = pipe.recv()
        try:
            with exit_when_stuck(seconds_until_stuck(limits)):
                answer = attempt.task.do(
                    engine if attempt.is_isolated else unwrapped(engine), options, alive
                )
            pipe.send(Answer(answer))
        except Exception:  # noqa: BLE001 - whatever it is, the parent is to say so
            pipe.send(_Failed(traceback.format_exc()))
