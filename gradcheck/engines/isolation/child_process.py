"""Run work in a forked child process, so that it cannot end this one."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import multiprocessing
import os
import pickle
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import NoReturn, TypeVar

import psutil

from gradcheck.engines.faults import EXIT, Fault
from gradcheck.engines.time_limit import WAITING, HangError, overrun, untimed

T = TypeVar("T")

_POLL_SECONDS = 0.02
"""Time between two checks of a child, in which it can allocate some tens of megabytes."""

_NOT_ASLEEP = (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP)

_PR_SET_PDEATHSIG = 1
"""From ``linux/prctl.h``."""

_ORPHAN_FACTOR = 20
"""A child whose parent is gone ends after this many times its time limit."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a process: the name of an exception or a signal, and a message.

    Work that takes too long ends by ``HangError``, and work that takes too much memory by
    ``MemoryError``; ``limit`` is then the limit in seconds or bytes.
    """

    error: str
    message: str
    limit: float | None = None

    def as_fault(self, stage: str) -> Fault:
        """Return the fault of an engine that ended its process in a stage."""
        return Fault(stage, self.error, self.message, limit=self.limit)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a child: seconds as ``overrun`` counts them, ``None`` for no limit, and memory.

    Memory is counted in bytes beyond what the parent uses. The parent measures resident memory,
    because a limit on addresses (``RLIMIT_AS``) would stop libraries such as PyTorch and JAX, whose
    threads and pools reserve gigabytes that they never touch.
    """

    seconds: float | None
    memory: int


@dataclass(frozen=True, slots=True)
class _Done:
    result: object


@dataclass(frozen=True, slots=True)
class _Raised:
    error: Exception


def can_fork() -> bool:
    """Tell whether the system can fork a process; Windows cannot."""
    return hasattr(os, "fork")


def in_child(work: Callable[[], T], limits: Limits, *, quiet: bool = True) -> T | Ended:
    """Return the result of work, which has to be picklable, or how it ended its process.

    Nothing that it does changes this process. What it prints is dropped if ``quiet``. The child has
    a session of its own, so that Ctrl-C reaches this process only. Raises what the work raises.
    """
    receiver, sender = multiprocessing.Pipe(duplex=False)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()  # or the child would write its content a second time
    # A timer of faulthandler, such as that of pytest's faulthandler_timeout, has a thread. It is
    # missing in the child, which would wait for it for ever as soon as it sets a timer itself.
    faulthandler.cancel_dump_traceback_later()
    with warnings.catch_warnings():
        # Some libraries warn that their threads do not exist in the child.
        warnings.simplefilter("ignore")
        child = os.fork()
    if not child:
        _run_child(work, sender, limits, quiet=quiet)
    sender.close()
    code: int | None = None
    try:
        message = _receive(child, receiver, limits)
    finally:
        receiver.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    match message:
        case _Done(result):
            return result  # type: ignore[return-value] # it is what work returned
        case _Raised(error):
            raise error
        case Ended():
            return message
    return _ending(code, limits)


def _run_child(
    work: Callable[[], object], sender: Connection, limits: Limits, *, quiet: bool
) -> NoReturn:
    """Do the work in the child, then exit without the clean-up of the parent."""
    try:
        os.setsid()
        _end_with_the_parent()
        if limits.seconds is not None:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, _ORPHAN_FACTOR * limits.seconds)
        faulthandler.disable()  # the parent reports how the child ends
        if quiet:
            _silence()
        with untimed() if limits.seconds is not None else contextlib.nullcontext():
            sender.send_bytes(_message(work))
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    finally:
        os._exit(0)


def _end_with_the_parent() -> None:
    """Ask Linux to kill this process when its parent ends; other systems cannot."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    sys.stdout = sys.stderr = os.fdopen(nowhere, "w")


def _message(work: Callable[[], object]) -> bytes:
    """Return the result of the work, or how it failed, pickled."""
    try:
        return pickle.dumps(_Done(work()))
    except Exception as error:  # noqa: BLE001 - the parent raises it
        error.add_note(traceback.format_exc())
        try:
            return _checked(pickle.dumps(_Raised(error)))
        except Exception:  # noqa: BLE001 - not every error can be pickled
            return pickle.dumps(_Raised(RuntimeError(traceback.format_exc())))
    except BaseException as error:  # noqa: BLE001 - Ctrl-C does not reach the child, so it is the engine's own
        return pickle.dumps(Ended(type(error).__name__, str(error)))


def _checked(pickled: bytes) -> bytes:
    pickle.loads(pickled)  # noqa: S301 - made by this process
    return pickled


def _receive(child: int, receiver: Connection, limits: Limits) -> object:
    """Return the child's message, ``Ended`` if it exceeds a limit, ``None`` if it sends none."""
    began = time.monotonic()
    own_memory = None
    while not receiver.poll(_POLL_SECONDS):
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            break  # a process that the engine has started keeps the pipe open
        own_memory = own_memory or psutil.Process().memory_info().rss
        with contextlib.suppress(psutil.Error):  # the child may end at this moment
            ended = _exceeded(psutil.Process(child), time.monotonic() - began, own_memory, limits)
            if ended is not None:
                return ended
    if not receiver.poll():
        return None
    try:
        return pickle.loads(receiver.recv_bytes())  # noqa: S301 - it comes from a copy of ourselves
    except EOFError:
        return None


def _exceeded(
    process: psutil.Process, waiting: float, own_memory: int, limits: Limits
) -> Ended | None:
    """Return the end of a child that exceeds a limit, ``None`` if it does not."""
    if process.memory_info().rss - own_memory > limits.memory:
        message = f"more than {_size(limits.memory)}"
        return Ended(MemoryError.__name__, message, limit=limits.memory)
    if limits.seconds is None:
        return None
    used = process.cpu_times()
    # A child that is ready to run, on a busy machine, is not waiting.
    asleep = process.status() not in _NOT_ASLEEP
    error = overrun(used.user + used.system, waiting if asleep else 0.0, limits.seconds)
    return None if error is None else Ended(HangError.__name__, str(error), limit=error.limit)


def _ending(code: int, limits: Limits) -> Ended:
    """Return how a child ended that sent no message, from its exit code."""
    if code >= 0:
        return Ended(EXIT, f"code {code}")
    if code == -signal.SIGALRM and limits.seconds is not None:
        message = f"{WAITING} for {limits.seconds:g} s"
        return Ended(HangError.__name__, message, limit=limits.seconds)
    try:
        name = signal.Signals(-code).name
    except ValueError:  # a real-time signal has no name
        name = EXIT
    return Ended(name, signal.strsignal(-code) or f"signal {-code}")


def _size(number: int) -> str:
    """Return a number of bytes as text, such as ``2 GiB``."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB")):
        if number >= unit:
            return f"{number / unit:.4g} {name}"
    return f"{number} bytes"
