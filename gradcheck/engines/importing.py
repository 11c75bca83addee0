"""Import the module or the file that a spec names, whatever its code does."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType

from gradcheck.engines.stand_ins import with_stand_ins
from gradcheck.engines.time_limit import HangError, time_limit
from gradcheck.errors import UserError

_SIMILARITY = 0.8
"""Of 1, from which on a name is taken for a slip of the pen: one letter in four may differ."""

FILE_PREFIX = "engine_under_test_"
"""The beginning of the name of a module that was imported from a file outside of any package."""


class EngineLoadError(UserError):
    """A spec that leads to no engine; the message is one line: what was tried, what to do."""


class ImportTimeoutError(EngineLoadError):
    """The import of a module does not end; the message is one line."""


def import_place(place: str, *, seconds: float | None = None) -> ModuleType:
    """Import a module, given by its dotted name, or a file, given by a path that ends in ``.py``.

    The working directory is searched first. A package that is imported only to draw or to choose a
    device, and is not installed, gets a stand-in. Raises ``EngineLoadError``, and
    ``ImportTimeoutError`` if the import takes more than ``seconds``.
    """
    os.environ.setdefault("MPLBACKEND", "Agg")  # or a plot would wait until its window is closed
    limit = contextlib.nullcontext() if seconds is None else time_limit(seconds)
    try:
        with limit, searched_first(Path.cwd()):
            return with_stand_ins(lambda: _import_file_or_module(place), place)
    except HangError:
        message = (
            f"importing {place} did not end within {seconds:g} s; move what takes so long below "
            '`if __name__ == "__main__":`, or allow more with --import-timeout'
        )
        raise ImportTimeoutError(message) from None


def _import_file_or_module(place: str) -> ModuleType:
    return _import_file(Path(place)) if place.endswith(".py") else _import_module(place)


@contextlib.contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Send all output of the block to standard error, also that of C code and child processes."""
    sys.stdout.flush()
    with contextlib.ExitStack() as afterwards:
        with contextlib.suppress(OSError):  # one of the two may be closed
            saved = os.dup(1)
            afterwards.callback(os.close, saved)
            afterwards.callback(os.dup2, saved, 1)
            os.dup2(2, 1)
        afterwards.enter_context(contextlib.redirect_stdout(sys.stderr))
        yield


@contextlib.contextmanager
def stderr_discarded() -> Iterator[None]:
    """Discard what is written to standard error within the block, also by C code."""
    with contextlib.ExitStack() as afterwards:
        with contextlib.suppress(OSError):  # it may be closed
            kept = os.dup(2)
            afterwards.callback(os.close, kept)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            afterwards.callback(os.close, nowhere)
            os.dup2(nowhere, 2)
            afterwards.callback(os.dup2, kept, 2)
        yield


@contextlib.contextmanager
def searched_first(folder: Path) -> Iterator[None]:
    """Put a folder first on Python's search path within the block, and last from then on.

    What the engine imports later is still found there, and what gradcheck imports later is not
    hidden by a user's file of the same name.
    """
    entry = str(folder)
    sys.path.insert(0, entry)
    try:
        yield
    finally:
        if entry in sys.path:
            sys.path.remove(entry)
        if entry not in sys.path:
            sys.path.append(entry)


def module_name(place: str) -> str:
    """Return the name by which the module of a spec is imported.

    ``engine`` is the user's own module where Python finds one, and else ``gradcheck.engine``. In a
    checkout of gradcheck Python finds the folder to which ``gradcheck.engine`` is a link. That is
    not the user's, and must not be imported under a second name.
    """
    if place.partition(".")[0] != "engine":
        return place
    spec = importlib.util.find_spec("engine")
    if spec is None or (spec.origin and _is_in_a_checkout(Path(spec.origin))):
        return f"gradcheck.{place}"
    return place


def _is_in_a_checkout(file: Path) -> bool:
    link = file.parent.parent / "gradcheck" / "engine" / file.name
    return link.exists() and link.samefile(file)


def package_of(path: Path) -> tuple[Path, str]:
    """Return the folder to import a file from, and the name of its module, seen from there."""
    root, parts = path.parent, [path.stem]
    while (root / "__init__.py").is_file():
        root, parts = root.parent, [root.name, *parts]
    return root, ".".join(parts)


def hint_for_engine(place: str) -> str:
    """Return a hint for an error about ``engine`` where gradcheck's may be meant, else no text."""
    return f" (gradcheck's own is gradcheck.{place})" if place.partition(".")[0] == "engine" else ""


def import_error(what: str, error: BaseException) -> EngineLoadError:
    """Return the error for code of the user's that raised one, with the line that it comes from."""
    text = " ".join(str(error.msg if isinstance(error, SyntaxError) else error).split())
    return EngineLoadError(
        f"importing {what} raised {type(error).__name__}: {text}{_location(error)}"
    )


def _import_module(place: str) -> ModuleType:
    name = module_name(place)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise import_error(place, error) from error
        message = (
            f"there is no module {place!r} in {Path.cwd()} or among the installed packages; "
            "is it installed here, or is it a file, such as path/to/file.py?"
            f"{hint_for_engine(place)}"
        )
        raise EngineLoadError(message) from error
    except (Exception, SystemExit) as error:
        raise import_error(place, error) from error


def _similar_file(path: Path) -> str:
    """Return a question that names the file which may be meant, or nothing."""
    try:
        names = [file.name for file in path.parent.glob("*.py")]
    except (OSError, ValueError):
        return ""
    similar = get_close_matches(path.name, names, n=1, cutoff=_SIMILARITY)
    return f"; did you mean {similar[0]}?" if similar else ""


def _import_file(path: Path) -> ModuleType:
    """Import a file, as part of its package if it lies in one, with its neighbours importable."""
    try:
        path = path.expanduser().resolve()
        is_file = path.is_file()
    except (OSError, RuntimeError, ValueError):  # too long, no such user, a NUL
        is_file = False
    if not is_file:
        message = f"there is no file {str(path)!r:.200}{_similar_file(path)}"
        raise EngineLoadError(message)
    root, name = package_of(path)
    with searched_first(root):
        module = _import_module(name) if "." in name else _execute(path)
    if module.__file__ is None or not Path(module.__file__).samefile(path):
        message = (
            f"{path} is hidden by {module.__file__}, which has the same name {module.__name__!r}"
        )
        raise EngineLoadError(message)
    return module


def _execute(path: Path) -> ModuleType:
    """Run a file that lies in no package, under a name that hides no other module."""
    name = f"{FILE_PREFIX}{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        message = f"{path} cannot be imported as Python"
        raise EngineLoadError(message)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise import_error(str(path), error) from error
    return module


_NOT_THEIRS = (importlib.__file__, "<frozen importlib", f"{Path(__file__).parent}{os.sep}")
"""The beginnings of the names of files that import others: Python's own, and of this package."""


def _location(error: BaseException) -> str:
    """Return the file and the line that Python cannot read, or that an error was raised in."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f", at {error.filename}:{error.lineno}"
    lines = [
        f", at {frame.filename}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith(_NOT_THEIRS)
    ]
    return lines[-1] if lines else ""
