"""From a spec such as ``engine:Value`` or ``path/to/my.py:Value`` to an engine."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
from gradcheck.engines.custom import CustomEngine, custom_engine
from gradcheck.engines.discovery.discover import is_engine_class, object_engine
from gradcheck.engines.importing import (
    EngineLoadError,
    hint_for_engine,
    import_error,
    import_place,
    stdout_to_stderr,
)
from gradcheck.engines.libraries import LibraryEngine, LibraryError, library_engine
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.operator_classes import classes_below
from gradcheck.engines.options import (
    NO_OVERRIDES,
    EngineOptionError,
    Overrides,
    modules_option,
    parse_overrides,
    split_place,
    split_spec,
    with_options,
)
from gradcheck.engines.own_operations import import_configured_operations, import_operations
from gradcheck.engines.protocol import Engine

__all__ = ["EngineLoadError", "load_any_engine", "load_array_engine", "load_engine"]

if TYPE_CHECKING:
    from gradcheck.engines.arrays.driving import FunctionArrays, TensorArrays

    _Loaded = LibraryEngine | ObjectEngine | CustomEngine | FunctionArrays | TensorArrays

_MAX_LISTED = 4
"""Classes of submodules that a message lists."""


def load_engine(
    spec: str, *, seconds: float | None = None, import_seconds: float | None = None
) -> Engine:
    """Load the engine of numbers that a spec names, as ``load_any_engine`` does.

    Raises ``EngineLoadError``, also for an engine of arrays.
    """
    engine = load_any_engine(spec, seconds=seconds, import_seconds=import_seconds)
    if isinstance(engine, ArrayEngine):
        message = f"{engine.spec} is an engine of arrays; here only one of numbers can be used"
        raise EngineLoadError(message)
    return engine


def load_array_engine(spec: str) -> ArrayEngine:
    """Load the engine of arrays that a spec names, as ``load_any_engine`` does.

    A library need not be asked for its arrays. Raises ``EngineLoadError``, also for an engine of
    numbers.
    """
    engine = load_any_engine(spec)
    if not isinstance(engine, ArrayEngine):
        engine = load_any_engine(with_options(spec, ["arrays=yes"]))
    if not isinstance(engine, ArrayEngine):
        message = f"{engine.spec} is an engine of numbers, and takes no arrays"
        raise EngineLoadError(message)
    return engine


def load_any_engine(
    spec: str, *, seconds: float | None = None, import_seconds: float | None = None
) -> AnyEngine:
    """Load the engine that a spec names: ``module:Class``, ``path/to/file.py:Class`` or ``torch``.

    If the spec names no class, the module must have exactly one that can be an engine. Options in
    brackets override what is detected: ``my.py:Value[backward=run_back]``. The spec may also name a
    custom engine, which is an object with the methods of ``Engine``, or a function that returns
    one. Libraries are ``torch``, ``jax:float32`` and others; ``torch[arrays=yes]`` has arrays in
    place of numbers. A class of arrays is found by looking.

    The modules that register your own operations are imported first: those of ``pyproject.toml`` in
    the working directory, and those that the spec names, as in ``my.py:Value[operations=my_ops]``.

    A module is searched for in the working directory first, then as Python does. Importing it
    runs its code; what that prints goes to standard error. ``seconds`` is the time limit for a
    case, by default that of the kind of engine, and ``import_seconds`` the one for the import of
    the engine's module. Raises ``EngineLoadError``.
    """
    target, options = split_spec(spec)
    try:
        overrides = parse_overrides(options)
        with stdout_to_stderr():
            import_configured_operations(Path.cwd())
            for place in overrides.modules:
                import_operations(place)
            overrides = _with_functions(overrides)
            engine: _Loaded = (
                _load_arrays(target, options, overrides)
                or _load_library(target, options, overrides)
                or _load_from_module(target, options, overrides, import_seconds)
            )
    except (EngineOptionError, LibraryError) as error:
        message = f"{spec!r}: {error}"
        raise EngineLoadError(message) from None
    return engine if seconds is None else replace(engine, seconds=seconds)


def _load_arrays(
    target: str, options: Sequence[str], overrides: Overrides
) -> FunctionArrays | TensorArrays | None:
    """Return the arrays of a library, if they are asked for."""
    if not overrides.arrays:
        return None
    try:
        from gradcheck.engines.arrays.libraries import library_arrays  # noqa: PLC0415
    except ModuleNotFoundError as error:
        message = f"arrays need {error.name}; pip install {error.name}"
        raise LibraryError(message) from None
    return library_arrays(target, with_options(target, options))


def _load_library(
    target: str, options: Sequence[str], overrides: Overrides
) -> LibraryEngine | None:
    """Return the engine of a library, with the user's functions in place of its own."""
    engine = library_engine(target)
    if engine is None:
        return None
    if overrides.names_attributes:
        message = (
            f"{target} is a library; its only options are arrays, operation.NAME, ulps.NAME and "
            "operations"
        )
        raise EngineOptionError(message)
    overrides.require_known_operations()
    for name, text in overrides.operations.items():
        if name not in overrides.functions:
            message = f"operation.{name}={text}: write module:function or path/to/file.py:function"
            raise EngineOptionError(message)
        engine = engine.with_operation(name, overrides.functions[name])
    precision = engine.precision.with_allowances(overrides.allowances)
    return replace(engine, spec=with_options(target, options), precision=precision)


def _with_functions(overrides: Overrides) -> Overrides:
    """Import the functions that are named as ``module:function``.

    ``module:Class.method`` works as well. Importing a module may register operations.
    """
    functions = {
        name: _function(name, text) for name, text in overrides.operations.items() if ":" in text
    }
    return replace(overrides, functions=functions)


def _function(operation: str, text: str) -> Callable[..., object]:
    place, _, dotted = text.rpartition(":")
    try:
        found: object = import_place(place)
    except EngineLoadError as error:
        message = f"operation.{operation}={text}: {error}"
        raise EngineOptionError(message) from None
    for part in dotted.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        message = f"operation.{operation}={text}: {dotted} is not a function of {place}"
        raise EngineOptionError(message)
    return found


def _load_from_module(
    target: str, options: Sequence[str], overrides: Overrides, import_seconds: float | None
) -> _Loaded:
    """Return the engine that a module or a file has."""
    place, name = _place_and_name(target)
    module = import_place(place, seconds=import_seconds)
    if not name:
        name = _only_class(place, module)
    found = getattr(module, name, None)
    spec = with_options(f"{place}:{name}", options)
    try:
        custom = custom_engine(found)
    except (Exception, SystemExit) as error:
        raise import_error(spec, error) from error
    if custom is not None:
        if any(option != modules_option(overrides.modules) for option in options):
            message = "it is a custom engine, which takes no options but operations"
            raise EngineOptionError(message)
        return CustomEngine(spec, custom)
    if not callable(found):
        message = (
            f"{target!r}: {module.__file__ or place} has no class {name!r}; "
            f"it has: {', '.join(_classes(module)) or 'no classes'}{_in_submodules(module)}"
            f"{hint_for_engine(place)}"
        )
        raise EngineLoadError(message)
    overrides.require_known_operations()
    of_arrays = engine_of_arrays(spec, found, module, overrides)
    return of_arrays or object_engine(spec, found, module, overrides)


def engine_of_arrays(
    spec: str, found: object, module: ModuleType | None, overrides: Overrides = NO_OVERRIDES
) -> TensorArrays | None:
    """Return the engine of a class of arrays, ``None`` for a class of numbers."""
    is_of_arrays = _is_array_class(found, module) if overrides.arrays is None else overrides.arrays
    if not (is_of_arrays and isinstance(found, type)):
        return None
    from gradcheck.engines.arrays.discovery.discover import (  # noqa: PLC0415 - needs NumPy
        array_engine,
    )

    return array_engine(spec, found, module, overrides)


def _is_array_class(found: object, module: ModuleType | None) -> bool:
    """Tell whether something is a class of arrays, which NumPy has been imported for."""
    if "numpy" not in sys.modules:
        return False
    from gradcheck.engines.arrays.discovery.discover import is_array_class  # noqa: PLC0415

    return is_array_class(found, module)


def _place_and_name(target: str) -> tuple[str, str]:
    """Return a module or file, and the name in it, which may be left out."""
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
    """Return the name of the one class in a module that can be an engine."""
    classes = _classes(module)
    names = engine_classes(module)
    if len(names) == 1:
        return next(iter(names))
    if names:
        first, *_ = names
        message = (
            f"{place} has several classes that can be an engine: {', '.join(names)}; "
            f"name one, for example {place}:{first}"
        )
    elif found := classes_below(module):
        message = (
            f"{place} itself has no class of numbers with a backward pass; its submodules may have "
            f"one, so name one of these: {_listed(found)}"
        )
    elif not classes:
        message = (
            f"{place} has no class; an engine is a class of numbers with a backward pass. To check "
            "a function, call gradcheck.check_function"
        )
    else:
        message = (
            f"{place} has no class of numbers with a backward pass; if it has one nevertheless, "
            f"name it: {place}:Class. Its classes: {', '.join(classes)}"
        )
    raise EngineLoadError(message)


def _in_submodules(module: ModuleType) -> str:
    found = classes_below(module)
    return f"; its submodules have: {_listed(found)}" if found else ""


def _listed(specs: Sequence[str]) -> str:
    more = len(specs) - _MAX_LISTED
    return ", ".join(specs[:_MAX_LISTED]) + (f" and {more} more" if more > 0 else "")


def engine_classes(module: ModuleType) -> dict[str, type]:
    """Return the classes of a module that can be an engine, each under its last name.

    Those that derive from another class of arrays are left out: many modules have a ``Parameter``
    that is a ``Tensor``.
    """
    found = {id(found): (name, found) for name, found in _classes(module).items()}
    of_arrays = {class_ for _, class_ in found.values() if _is_array_class(class_, module)}
    return {
        name: class_
        for name, class_ in found.values()
        if (class_ in of_arrays or is_engine_class(class_))
        and of_arrays.isdisjoint(class_.__mro__[1:])
    }


def _classes(module: ModuleType) -> dict[str, type]:
    return {
        name: found
        for name, found in vars(module).items()
        if inspect.isclass(found) and not name.startswith("_")
    }
