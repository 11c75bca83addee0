"""Confine this process: limits, no network, no writing outside its folders, no process that stays.

On Linux, namespaces do this, where the system lets users make them. Elsewhere a hook in Python
refuses the same, which code written to get around it can do.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from gradcheck.engines.isolation.guard import refuse_in_python

_NEW_MOUNTS, _NEW_IPC, _NEW_USER = 0x00020000, 0x08000000, 0x10000000
_NEW_PROCESSES, _NEW_NETWORK = 0x20000000, 0x40000000
"""From ``linux/sched.h``."""

_WITHOUT_PROCESSES = _NEW_USER | _NEW_MOUNTS | _NEW_IPC | _NEW_NETWORK
_ALL = _WITHOUT_PROCESSES | _NEW_PROCESSES

_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000
"""From ``linux/mount.h``."""

_MOUNT_SETATTR = 442
"""The number of the system call, the same on every architecture; glibc has it since 2.36 only."""

_HERE, _WITH_ALL_BELOW, _READ_ONLY = -100, 0x8000, 1

_END_WITH_PARENT, _SUBREAPER, _NO_NEW_PRIVILEGES = 1, 36, 38
"""From ``linux/prctl.h``."""

_CAPABILITIES_VERSION = 0x20080522

_PROCESSES = 128
_FILE_SIZE = 64 * 2**20
_RESERVED = 4 * 2**30
"""Bytes of addresses that libraries may reserve and never use, beyond the memory limit."""

OPEN_WITHOUT_NAMESPACES = (
    "the network and writing outside its folder are refused in Python only, as this system offers "
    "no namespaces"
)
OPEN_WITHOUT_LIMITS = "this system has no limits on memory, file size and processes"


class _MountAttributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "user")]


@dataclass(frozen=True, slots=True)
class Cover:
    """A folder with its real files to read, while new ones go to the folder ``scratch``."""

    folder: Path
    scratch: Path


def enter(writable: Sequence[Path], *, memory: int, cover: Cover | None = None) -> tuple[str, ...]:
    """Confine this process, and return a sentence on each thing that cannot be kept out.

    It may write below the ``writable`` folders only. Where there are namespaces, new files in the
    folder of ``cover`` vanish with its scratch folder. ``memory`` is the memory limit in bytes.
    Call it before threads are started. The process may go on as a child of the one that called.
    """
    _end_with_parent()
    is_limited = _limit(memory)
    if sys.platform == "linux":
        for flags in (_ALL, _WITHOUT_PROCESSES):
            if _works(flags, writable, cover):
                _isolate(flags, writable, cover)
                _limit_processes()
                return ()
    refuse_in_python(writable)
    return (OPEN_WITHOUT_NAMESPACES, *([] if is_limited else [OPEN_WITHOUT_LIMITS]))


def _limit(memory: int) -> bool:
    """Limit addresses and the size of files, and tell whether the system can.

    The parent watches the memory in use; this limit is for what allocates faster than it looks.
    """
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ModuleNotFoundError:
        return False
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: _FILE_SIZE,
        resource.RLIMIT_AS: memory + _RESERVED,
    }
    for limit, most in wanted.items():
        with contextlib.suppress(ValueError, OSError):  # macOS has no limit on addresses
            resource.setrlimit(limit, (most, most))
    # A write beyond the limit raises an error then, and does not end the process.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    return True


def _limit_processes() -> None:
    """Limit the number of processes, which is counted anew in a user namespace of its own."""
    import resource  # noqa: PLC0415 - Windows has none

    resource.setrlimit(resource.RLIMIT_NPROC, (_PROCESSES, _PROCESSES))


def _works(flags: int, writable: Sequence[Path], cover: Cover | None) -> bool:
    """Try the namespaces in a child, because they cannot be left again."""
    child = os.fork()
    if not child:
        code = 1
        with contextlib.suppress(OSError):
            _isolate(flags, writable, cover)
            code = 0
        os._exit(code)
    return os.waitpid(child, 0)[1] == 0


def _isolate(flags: int, writable: Sequence[Path], cover: Cover | None) -> None:
    """Go on in new namespaces. Raises ``OSError`` where the system does not allow it."""
    user, group = os.getuid(), os.getgid()
    _call("unshare", flags)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    if flags & _NEW_PROCESSES:
        _go_on_in_child()
    _call("mount", b"none", b"/", None, _RECURSIVE | _PRIVATE, None)
    if flags & _NEW_PROCESSES:
        _call("mount", b"proc", b"/proc", b"proc", 0, None)
    for folder in writable:
        _bind(folder, folder)
    if cover is not None:
        _cover(cover)
        writable = [*writable, cover.folder]
    _set_mount(Path("/"), _WITH_ALL_BELOW, set=_READ_ONLY)
    for folder in writable:
        _set_mount(folder, 0, clear=_READ_ONLY)
    _hide_services()
    _call("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    _drop_capabilities()


def _bind(source: Path, target: Path) -> None:
    """Show a file or a folder, with all that is mounted below it, in another place too."""
    _call("mount", os.fsencode(source), os.fsencode(target), None, _BIND | _RECURSIVE, None)


def _cover(cover: Cover) -> None:
    """Put a scratch folder in the place of a folder, and each of its entries back in there."""
    real, shown = cover.scratch / "real", cover.scratch / "shown"
    for folder in (real, shown):
        folder.mkdir(exist_ok=True)
    _bind(cover.folder, real)
    _bind(shown, cover.folder)
    for entry in os.scandir(real):
        place = cover.folder / entry.name
        if entry.is_symlink():
            with contextlib.suppress(FileExistsError):  # from when it was tried
                place.symlink_to(Path(entry.path).readlink())
        elif entry.is_dir() or entry.is_file():
            place.mkdir(exist_ok=True) if entry.is_dir() else place.touch()
            _bind(Path(entry.path), place)
    os.chdir(cover.folder)


def _go_on_in_child() -> None:
    """Return in a child, the first of its process namespace: all others end when it ends."""
    child = os.fork()
    if child:
        _wait_for(child)
    _end_with_parent()


def _wait_for(child: int) -> NoReturn:
    """End as the child ends, which gets our signals until then."""

    def hand_on(number: int, _frame: FrameType | None) -> None:
        os.kill(child, number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, hand_on)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os._exit(code if code >= 0 else 128 - code)


def _hide_services() -> None:
    """Hide the sockets of services of the machine, which no network namespace keeps out."""
    if Path("/run").is_dir():
        _call("mount", b"none", b"/run", b"tmpfs", _READ_ONLY, b"size=4k")


def _drop_capabilities() -> None:
    """Give up the rights in the namespaces, so that nothing done here can be undone."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    _call("capset", ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))


def _set_mount(folder: Path, flags: int, **attributes: int) -> None:
    wanted = _MountAttributes(**attributes)
    size = ctypes.c_size_t(ctypes.sizeof(wanted))
    path = os.fsencode(folder)
    _call("syscall", _MOUNT_SETATTR, _HERE, path, flags, ctypes.byref(wanted), size)


def end_descendants() -> None:
    """End what the engine has started and left behind; on Linux this process adopts orphans."""
    import psutil  # noqa: PLC0415 - what it imports may start threads, see ``enter``

    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            process.kill()


def _end_with_parent() -> None:
    """End when the parent ends, and adopt the orphans among the descendants; on Linux only."""
    if sys.platform == "linux":
        _call("prctl", _END_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        _call("prctl", _SUBREAPER, 1, 0, 0, 0)


def _call(name: str, *arguments: object) -> None:
    """Call a function of the C library. Raises ``OSError`` if it fails."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
