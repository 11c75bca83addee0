"""From a spec string such as ``engine:Value`` or ``path/to/my.py:Value`` to an engine."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
import traceback
from pathlib import Path
from types import ModuleType

from gradcheck.adapters.engine import Engine
from gradcheck.adapters.objects import ObjectEngine


class EngineLoadError(Exception):
    """A spec that leads to no engine; the message is one line: what was tried, what to do."""


def load_engine(spec: str) -> Engine:
    """The engine that a spec names: ``module:Class`` or ``path/to/file.py:Class``.

    A module is looked for as Python does, the working directory first. Importing it runs its code.
    Raises ``EngineLoadError``.
    """
    place, _, name = spec.rpartition(":")
    if not place or not name:
        message = (
            f"{spec!r} names no class: write module:Class or path/to/file.py:Class, "
            "for example engine:Value"
        )
        raise EngineLoadError(message)
    if place.endswith(".py"):
        module = _import_file(Path(place))
    else:
        search_first(Path.cwd())  # a program such as pytest does not have it on its path
        module = _import_module(place)
    found = getattr(module, name, None)
    if not callable(found):
        classes = [
            n for n, c in vars(module).items() if inspect.isclass(c) and not n.startswith("_")
        ]
        message = (
            f"{spec!r}: {module.__file__} has no class {name!r}; "
            f"it has: {', '.join(classes) or 'no classes'}"
        )
        raise EngineLoadError(message)
    return ObjectEngine(spec=spec, make=found)


def search_first(folder: Path) -> None:
    """Have Python look into a folder before all others, unless it looks there anyway."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _import_module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise _import_error(name, error) from error
        message = (
            f"there is no module {name!r} in {Path.cwd()} or among the installed packages; "
            "is it installed here, or is it a file (path/to/file.py:Class)?"
        )
        raise EngineLoadError(message) from error
    except (Exception, SystemExit) as error:
        raise _import_error(name, error) from error


def _import_file(path: Path) -> ModuleType:
    """Import a file, as part of its package if it lies in one, with its neighbours importable."""
    try:
        path = path.expanduser().resolve()
        is_file = path.is_file()
    except (OSError, RuntimeError, ValueError):  # too long, no such user, a NUL
        is_file = False
    if not is_file:
        message = f"there is no file {str(path)!r:.200}"
        raise EngineLoadError(message)
    root, name = package_of(path)
    search_first(root)
    if "." in name:
        module = _import_module(name)
        if module.__file__ is not None and Path(module.__file__).samefile(path):
            return module
        message = (
            f"{path} is hidden by {module.__file__}, which has the same name {module.__name__!r}"
        )
        raise EngineLoadError(message)
    return _execute(path)


def package_of(path: Path) -> tuple[Path, str]:
    """The folder to import a file from, and the name of the module that it then is."""
    root, parts = path.parent, [path.stem]
    while (root / "__init__.py").is_file():
        root, parts = root.parent, [root.name, *parts]
    return root, ".".join(parts)


def _execute(path: Path) -> ModuleType:
    """Run a file that lies in no package, under a name that hides no other module."""
    name = f"engine_under_test_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        message = f"{path} cannot be imported as Python"
        raise EngineLoadError(message)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise _import_error(str(path), error) from error
    return module


def _import_error(what: str, error: BaseException) -> EngineLoadError:
    frames = traceback.extract_tb(error.__traceback__)
    line = f", at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    text = " ".join(str(error).split())
    return EngineLoadError(f"importing {what} raised {type(error).__name__}: {text}{line}")
