"""Work that is done in a forked child, as it may end the process that it is done in."""

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

from gradcheck.engines.protocol import EXIT, WAITING, Fault, HangError
from gradcheck.engines.time_limit import overrun, untimed

T = TypeVar("T")

_TICK = 0.02
"""Seconds between two looks at a child. A child that allocates as fast as it can takes some tens of
megabytes in that time."""

_NOT_ASLEEP = (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP)

_PR_SET_PDEATHSIG = 1
"""From ``linux/prctl.h``."""

_LIMITS_TO_LIVE_ON = 20
"""A child whose parent is gone ends after so many times what it may take."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How work ended its process: by an error or a signal, by its name, and what there is to say.

    What takes too long is a ``HangError``, what takes too much memory a ``MemoryError``; ``limit``
    is how many seconds or bytes it may take.
    """

    error: str
    message: str
    limit: float | None = None

    def as_fault(self, stage: str) -> Fault:
        """The fault of an engine that ended so while ``forward`` or ``backward``."""
        return Fault(stage, self.error, self.message, limit=self.limit)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may take: seconds as ``overrun`` counts them, ``None`` for any time, and memory.

    Memory is in bytes, beyond what its parent has. It is looked at from outside, and what counts is
    what is resident: a limit on addresses (``RLIMIT_AS``) would stop libraries such as PyTorch and
    JAX, whose threads and pools reserve gigabytes that they never touch.
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
    """Whether the system can copy a process; Windows cannot."""
    return hasattr(os, "fork")


def in_child(work: Callable[[], T], limits: Limits, *, quiet: bool = True) -> T | Ended:
    """What work gives, as pickle takes it, or how it ended its process.

    Nothing that it does changes this process. What it prints is dropped if it is ``quiet``. It is
    in a session of its own, so that Ctrl-C is for this process only. Raises the work's errors.
    """
    receiver, sender = multiprocessing.Pipe(duplex=False)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()  # or the child would write it once more
    # A timer of faulthandler, such as that of pytest's faulthandler_timeout, has a thread. It is
    # missing in the child, which would wait for it for ever as soon as it sets a timer itself.
    faulthandler.cancel_dump_traceback_later()
    with warnings.catch_warnings():
        # Some libraries warn of their threads, which are not there in the child.
        warnings.simplefilter("ignore")
        child = os.fork()
    if not child:
        _do(work, sender, limits, quiet=quiet)
    sender.close()
    code: int | None = None
    try:
        said = _heard(child, receiver, limits)
    finally:
        receiver.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    match said:
        case _Done(result):
            return result  # type: ignore[return-value] # it is what work returned
        case _Raised(error):
            raise error
        case Ended():
            return said
    return _ending(code, limits)


def _do(work: Callable[[], object], sender: Connection, limits: Limits, *, quiet: bool) -> NoReturn:
    """What the child does; it ends without any of the parent's cleaning up."""
    try:
        os.setsid()
        _end_with_the_parent()
        if limits.seconds is not None:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, _LIMITS_TO_LIVE_ON * limits.seconds)
        if quiet:
            _silence()
        with untimed() if limits.seconds is not None else contextlib.nullcontext():
            sender.send_bytes(_message(work))
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    finally:
        os._exit(0)


def _end_with_the_parent() -> None:
    """Have the system end this process when its parent ends, where the system is Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _silence() -> None:
    faulthandler.disable()  # whoever has enabled it wants to know of this process
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    sys.stdout = sys.stderr = os.fdopen(nowhere, "w")


def _message(work: Callable[[], object]) -> bytes:
    """What the work gives or how it failed, pickled."""
    try:
        return pickle.dumps(_Done(work()))
    except Exception as error:  # noqa: BLE001 - the parent raises it
        error.add_note(traceback.format_exc())
        try:
            return _checked(pickle.dumps(_Raised(error)))
        except Exception:  # noqa: BLE001 - not every error can be pickled
            return pickle.dumps(_Raised(RuntimeError(traceback.format_exc())))
    except BaseException as error:  # noqa: BLE001 - no Ctrl-C gets here, so it is the engine's own
        return pickle.dumps(Ended(type(error).__name__, str(error)))


def _checked(pickled: bytes) -> bytes:
    pickle.loads(pickled)  # noqa: S301 - made by this process
    return pickled


def _heard(child: int, receiver: Connection, limits: Limits) -> object:
    """What the child says, ``Ended`` if it takes too much, or ``None`` if it ended in silence."""
    began = time.monotonic()
    own = None
    while not receiver.poll(_TICK):
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            break  # what the engine itself has started holds the pipe open
        own = psutil.Process().memory_info().rss if own is None else own
        with contextlib.suppress(psutil.Error):  # it may end just now
            ended = _too_much(psutil.Process(child), time.monotonic() - began, own, limits)
            if ended is not None:
                return ended
    if not receiver.poll():
        return None
    try:
        return pickle.loads(receiver.recv_bytes())  # noqa: S301 - it comes from a copy of ourselves
    except EOFError:
        return None


def _too_much(process: psutil.Process, waiting: float, own: int, limits: Limits) -> Ended | None:
    if process.memory_info().rss - own > limits.memory:
        message = f"more than {_size(limits.memory)}"
        return Ended(MemoryError.__name__, message, limit=limits.memory)
    if limits.seconds is None:
        return None
    used = process.cpu_times()
    # What has its turn to come, on a busy machine, is not waiting for anything of its own.
    asleep = process.status() not in _NOT_ASLEEP
    error = overrun(used.user + used.system, waiting if asleep else 0.0, limits.seconds)
    return None if error is None else Ended(HangError.__name__, str(error), limit=error.limit)


def _ending(code: int, limits: Limits) -> Ended:
    """How a child ended that said nothing, by its exit code."""
    if code >= 0:
        return Ended(EXIT, f"code {code}")
    if code == -signal.SIGALRM and limits.seconds is not None:
        message = f"{WAITING} for {limits.seconds:g} s"
        return Ended(HangError.__name__, message, limit=limits.seconds)
    try:
        name = signal.Signals(-code).name
    except ValueError:  # a real-time signal has none
        name = EXIT
    return Ended(name, signal.strsignal(-code) or f"signal {-code}")


def _size(number: int) -> str:
    """A number of bytes, such as 2 GiB."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB")):
        if number >= unit:
            return f"{number / unit:.4g} {name}"
    return f"{number} bytes"
