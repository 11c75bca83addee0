"""Refuse the network, other programs and writing outside some folders, by an audit hook of Python.

This keeps out what happens by accident. Code that calls C can get around it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

_REFUSED = frozenset(
    {
        *("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"),
        *("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"),
        *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile"),
    }
)
"""Events of the network and of other programs."""

_CHANGES = {
    **dict.fromkeys(("os.rename", "os.link", "os.symlink"), 2),
    **dict.fromkeys(("os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod"), 1),
    **dict.fromkeys(("os.chown", "os.utime", "sqlite3.connect"), 1),
}
"""Events that change files, with the number of paths that come first in their arguments."""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def refuse_in_python(writable: Sequence[Path]) -> None:
    """Refuse them from now on, for as long as this process lives, by a ``PermissionError``."""
    folders = tuple(f"{os.path.realpath(folder)}{os.sep}" for folder in writable)
    realpath, fsdecode, writing, changes = os.path.realpath, os.fsdecode, _WRITING, _CHANGES

    def require_inside(path: object) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return  # an open file, or none
        real = realpath(fsdecode(path))
        if real != os.devnull and not f"{real}{os.sep}".startswith(folders):
            message = f"writing outside of the sandbox is refused: {real}"
            raise PermissionError(message)

    def look(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & writing:
                require_inside(path)
        elif event in _REFUSED:
            message = f"{event} is refused in the sandbox"
            raise PermissionError(message)
        elif event in changes:
            for path in arguments[: changes[event]]:
                require_inside(path)

    sys.addaudithook(look)
