"""Say in a beginner's words why an engine could not be imported, in one line."""

from __future__ import annotations

import errno
import socket
import traceback
from pathlib import Path

from gradcheck.notation import in_one_line

_LONGEST = 200
"""Characters of a message."""

_NO_NETWORK = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN)

_NO_WRITING = (errno.EROFS, errno.EACCES, errno.EPERM)

_WORDS: dict[type[BaseException], str] = {
    EOFError: "it asks for input, and nobody answers here: remove input()",
    SystemExit: "it ends the program, as exit() does",
    MemoryError: "it needs more memory than the limit",
    RecursionError: "a function calls itself without end",
}
"""The reasons that a beginner does not know by the name of the error."""


def why_not_imported(error: BaseException, file: Path) -> str:
    """Return a line on an error that importing a file raised, with the line of the file."""
    if isinstance(error, SyntaxError):
        where = f"{Path(error.filename or file).name}, line {error.lineno}"
        return _line(f"Python cannot read {where}: {error.msg}")
    return _line(f"importing it stops{_place(error, file)}: {_reason(error)}")


def _reason(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"there is no module {error.name}, neither installed nor beside the file"
    if isinstance(error, OSError):
        return _refusal(error)
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return next((words for kind, words in _WORDS.items() if isinstance(error, kind)), text)


def _refusal(error: OSError) -> str:
    """Return what the sandbox refused, or what else went wrong with a file or the network."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, socket.gaierror | ConnectionError) or error.errno in _NO_NETWORK:
        return f"it uses the network, which is closed here ({text})"
    if error.errno in _NO_WRITING and isinstance(error.filename, str):
        return f"it writes to {error.filename}, outside of its own folder"
    return text


def _place(error: BaseException, file: Path) -> str:
    """Return the last line of the student's own files that the error passed through."""
    folder = str(file.resolve().parent)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(folder)]
    if not own:
        return ""
    last = own[-1]
    name = Path(last.filename).name
    return f" in line {last.lineno}" + (f" of {name}" if name != file.name else "")


def _line(text: str) -> str:
    return in_one_line(text, _LONGEST)


def no_engine(classes: list[str], errors: list[str]) -> str:
    """Return a line on a module without an engine; ``errors`` are those of a notebook's cells."""
    own = f"its classes: {', '.join(classes)}" if classes else "it has no classes"
    noted = f"; {errors[0]}" if errors else ""
    return _line(f"no class of numbers with operations such as + and a backward(); {own}{noted}")
