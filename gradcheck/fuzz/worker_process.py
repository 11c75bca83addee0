"""The work of a worker process: load the engine, do tasks, and send messages to its parent."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from gradcheck.engines.isolation.isolated_arrays import IsolatedArrays
from gradcheck.engines.isolation.isolated_engine import EngineLimits, IsolatedEngine
from gradcheck.engines.isolation.loading import load_isolated_if_possible, seconds_until_stuck
from gradcheck.engines.isolation.watchdog import exit_when_orphaned, exit_when_stuck
from gradcheck.engines.loading import EngineLoadError
from gradcheck.errors import UserError
from gradcheck.fuzz.events import every
from gradcheck.fuzz.executor import Attempt, TaskError
from gradcheck.fuzz.options import Options

_SECONDS_BETWEEN_HEARTBEATS = 1.0


@dataclass(frozen=True, slots=True)
class TaskAnswer:
    """The answer to a task."""

    answer: object


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The engine is loaded, or another case is about to be judged."""


Message = TaskAnswer | Heartbeat | UserError | TaskError


def serve(
    spec: str, limits: EngineLimits, pipe: Connection, inherited: Sequence[Connection]
) -> None:
    """Load the engine, and do one task after the other until the parent is gone.

    ``inherited`` are the parent's ends of pipes, which a forked process must close.
    """
    for end in inherited:
        end.close()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the parent decides when to stop
    os.dup2(2, 1)  # standard output is the parent's, whatever the engine prints
    faulthandler.disable()  # the parent reports how this process ends
    with contextlib.suppress(EOFError, OSError):  # the parent is gone
        _do_tasks(spec, limits, pipe)


def _do_tasks(spec: str, limits: EngineLimits, pipe: Connection) -> None:
    """Do the tasks that come through the pipe. Raises ``EOFError`` or ``OSError`` at its end."""
    try:
        # The parent may end before the import does.
        with exit_when_orphaned(), _silent():
            engine = load_isolated_if_possible(spec, limits)
    except EngineLoadError as error:
        pipe.send(EngineLoadError(str(error)))
        return
    # Every garbage collection would walk through SymPy again.
    gc.collect()
    gc.freeze()
    is_due = every(_SECONDS_BETWEEN_HEARTBEATS)

    def heartbeat() -> None:
        if is_due():
            pipe.send(Heartbeat())

    unisolated = engine.engine if isinstance(engine, IsolatedEngine | IsolatedArrays) else engine
    heartbeat()
    options: Options = pipe.recv()
    while True:
        attempt: Attempt = pipe.recv()
        try:
            with exit_when_stuck(seconds_until_stuck(limits)):
                answer = attempt.task.run(
                    engine if attempt.is_isolated else unisolated, options, heartbeat
                )
            pipe.send(TaskAnswer(answer))
        except UserError as error:
            pipe.send(error)
        except Exception:  # noqa: BLE001 - the parent reports it, whatever it is
            pipe.send(TaskError(traceback.format_exc()))


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Discard what is printed within the block: the parent loads the engine too, and shows it."""
    streams = sys.stdout, sys.stderr  # the engine may replace or close them
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)
    try:
        yield
    finally:
        for stream in streams:
            with contextlib.suppress(ValueError, OSError):
                stream.flush()
        for number in (1, 2):
            os.dup2(kept, number)
        os.close(kept)
        os.close(nowhere)
