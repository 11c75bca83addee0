"""From a spec string such as ``engine:Value`` or ``path/to/my.py:Value`` to an engine."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from gradcheck.engines.custom import CustomEngine, custom_engine
from gradcheck.engines.discovery.discover import fits, object_engine
from gradcheck.engines.libraries import LibraryEngine, LibraryNotInstalledError, library_engine
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.options import (
    EngineOptionError,
    Overrides,
    parse_overrides,
    split_place,
    split_spec,
    with_options,
)
from gradcheck.engines.protocol import Engine
from gradcheck.engines.standard_output import stdout_to_stderr
from gradcheck.errors import UserError


class EngineLoadError(UserError):
    """A spec that leads to no engine; the message is one line: what was tried, what to do."""


def load_engine(spec: str, *, seconds: float | None = None) -> Engine:
    """The engine that a spec names: ``module:Class``, ``path/to/file.py:Class`` or ``torch``.

    Without a class it is the only one in the module that fits. What looking at the class does not
    tell can be given in brackets: ``my.py:Value[backward=run_back]``. The spec of an engine of
    one's own, an object with the methods of ``Engine`` or what makes one, has the same form; those
    of libraries are ``torch``, ``jax:float32`` and the like. A module is looked for as Python does,
    the working directory first. Importing it runs its code, and what that prints goes to standard
    error. What takes longer than ``seconds`` is a hang, where these are given. Raises
    ``EngineLoadError``.
    """
    target, options = split_spec(spec)
    try:
        given = parse_overrides(options)
        with stdout_to_stderr():
            engine = _library(target, options, given) or _of_module(target, options, given)
    except (EngineOptionError, LibraryNotInstalledError) as error:
        message = f"{spec!r}: {error}"
        raise EngineLoadError(message) from None
    return engine if seconds is None else replace(engine, seconds=seconds)


def _library(target: str, options: Sequence[str], given: Overrides) -> LibraryEngine | None:
    """An engine that is known by name, with the functions of the user's own that are given."""
    engine = library_engine(target)
    if engine is None:
        return None
    if given.names_attributes:
        message = f"{target} is known: of its options only operation.NAME and ulps.NAME are free"
        raise EngineOptionError(message)
    for name, function in given.operations.items():
        engine = engine.with_operation(name, _function(name, function))
    precision = engine.precision.with_allowances(given.allowances)
    return replace(engine, spec=with_options(target, options), precision=precision)


def _function(operation: str, name: str) -> Callable[..., object]:
    """What ``module:function`` or ``path/to/file.py:function`` names, dots within it allowed."""
    place, _, inner = name.rpartition(":")
    found: object = _module(place) if place else None
    for part in inner.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        message = f"operation.{operation}={name}: write module:function or path/to/file.py:function"
        raise EngineOptionError(message)
    return found


def _of_module(
    target: str, options: Sequence[str], given: Overrides
) -> ObjectEngine | CustomEngine:
    """An engine that a module or a file has."""
    place, name = _place_and_name(target)
    module = _module(place)
    if not name:
        name = _only_class(place, module)
    found = getattr(module, name, None)
    spec = with_options(f"{place}:{name}", options)
    if (own := _own_engine(spec, found)) is not None:
        if options:
            message = "options are for classes of numbers, and this is an engine itself"
            raise EngineOptionError(message)
        return CustomEngine(spec, own)
    if not callable(found):
        message = (
            f"{target!r}: {module.__file__ or place} has no class {name!r}; "
            f"it has: {', '.join(_classes(module)) or 'no classes'}{_where_ours_is(place)}"
        )
        raise EngineLoadError(message)
    return object_engine(spec, found, module, given)


def _place_and_name(target: str) -> tuple[str, str]:
    """A module or file, and the name in it, which may be left out."""
    place, rest = split_place(target)
    name = rest.removeprefix(":")
    if not place or place.startswith(":") or rest == ":":
        message = (
            f"{target!r} names no class: write module:Class or path/to/file.py:Class, "
            "for example engine:Value"
        )
        raise EngineLoadError(message)
    return place, name


def _only_class(place: str, module: ModuleType) -> str:
    """The name of the one class in a module that can be an engine."""
    classes = _classes(module)
    names = {id(found): name for name, found in classes.items() if fits(found)}.values()
    if len(names) == 1:
        return next(iter(names))
    if names:
        first, *_ = names
        message = (
            f"{place} has several classes that can be an engine: {', '.join(names)}; "
            f"name one, for example {place}:{first}"
        )
    else:
        message = (
            f"{place} has no class of numbers with a backward pass; if it has one nevertheless, "
            f"name it: {place}:Class. Its classes: {', '.join(classes) or 'none'}"
        )
    raise EngineLoadError(message)


def _classes(module: ModuleType) -> dict[str, type]:
    return {
        name: found
        for name, found in vars(module).items()
        if inspect.isclass(found) and not name.startswith("_")
    }


def _own_engine(spec: str, found: object) -> Engine | None:
    try:
        return custom_engine(found)
    except (Exception, SystemExit) as error:
        raise _import_error(spec, error) from error


def _module(place: str) -> ModuleType:
    """Import what a spec names; nothing that it draws may wait for somebody to close a window."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    with searched_first(Path.cwd()):
        return _import_file(Path(place)) if place.endswith(".py") else _import_module(place)


@contextlib.contextmanager
def searched_first(folder: Path) -> Iterator[None]:
    """Have Python look into a folder first within the block, and last from then on.

    What the engine imports later is still found there, and what gradcheck imports later is not
    hidden by a user's file of the same name.
    """
    place = str(folder)
    sys.path.insert(0, place)
    try:
        yield
    finally:
        if place in sys.path:
            sys.path.remove(place)
        if place not in sys.path:
            sys.path.append(place)


def module_name(place: str) -> str:
    """Return the name by which the module of a spec is imported.

    ``engine`` is the user's own module where Python finds one, and else ``gradcheck.engine``. In a
    checkout of gradcheck Python finds the folder to which ``gradcheck.engine`` is a link. That is
    not the user's, and must not be imported under a second name.
    """
    if place.partition(".")[0] != "engine":
        return place
    found = importlib.util.find_spec("engine")
    if found is None or (found.origin and _is_in_a_checkout(Path(found.origin))):
        return f"gradcheck.{place}"
    return place


def _is_in_a_checkout(file: Path) -> bool:
    link = file.parent.parent / "gradcheck" / "engine" / file.name
    return link.exists() and link.samefile(file)


def _import_module(place: str) -> ModuleType:
    name = module_name(place)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise _import_error(place, error) from error
        message = (
            f"there is no module {place!r} in {Path.cwd()} or among the installed packages; "
            f"is it installed here, or is it a file (path/to/file.py:Class)?{_where_ours_is(place)}"
        )
        raise EngineLoadError(message) from error
    except (Exception, SystemExit) as error:
        raise _import_error(place, error) from error


def _where_ours_is(place: str) -> str:
    """Return what to add to an error about ``engine`` where gradcheck's may be meant."""
    return f" (gradcheck's own is gradcheck.{place})" if place.partition(".")[0] == "engine" else ""


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
    with searched_first(root):
        module = _import_module(name) if "." in name else _execute(path)
    if module.__file__ is None or not Path(module.__file__).samefile(path):
        message = (
            f"{path} is hidden by {module.__file__}, which has the same name {module.__name__!r}"
        )
        raise EngineLoadError(message)
    return module


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
    text = " ".join(str(error.msg if isinstance(error, SyntaxError) else error).split())
    return EngineLoadError(
        f"importing {what} raised {type(error).__name__}: {text}{_location(error)}"
    )


def _location(error: BaseException) -> str:
    """The file and the line that Python cannot read, or that an error was raised in."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f", at {error.filename}:{error.lineno}"
    lines = [
        f", at {frame.filename}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((importlib.__file__, "<frozen importlib"))
    ]
    return lines[-1] if lines else ""
