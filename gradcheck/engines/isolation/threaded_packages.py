"""Packages that start threads, which a forked child lacks, and for which it may wait for ever."""

from __future__ import annotations

import builtins
import contextlib
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import FunctionType, ModuleType

from gradcheck.engines.importing import module_name, package_of

_THREADED = ("tensorflow", "jax")
"""Their names, a package before those that it imports."""

_USED_BY: dict[str, str] = {}
"""The package that an engine uses by the engine's spec, once that is known."""


class ThreadsAreGoneError(BaseException):
    """An engine is loaded that needs threads which only the parent process has.

    ``str`` names the package. It derives from ``BaseException``, so that code that catches
    ``Exception`` cannot catch it.
    """


def threaded_packages() -> tuple[str, ...]:
    """Return the names of such packages that this process has imported."""
    return tuple(package for package in _THREADED if package in sys.modules)


def remember_use(spec: str, package: str) -> None:
    """Remember that an engine uses a package: its module, once imported, imports nothing again."""
    _USED_BY[spec] = package


@contextlib.contextmanager
def refusing(packages: Collection[str], spec: str) -> Iterator[None]:
    """Raise ``ThreadsAreGoneError`` if the engine that the block loads uses one of the packages.

    It does if its spec names one, if that is remembered, if an import statement that runs within
    the block does, also of a package that is here already, or if its modules refer to one. This is
    raised at the end of the block once more, because an experiment on the engine takes whatever the
    engine raises, and without its threads an engine may seem to hang.
    """
    library = spec.partition("[")[0].partition(":")[0].partition(".")[0]
    known = _USED_BY.get(spec, library)
    if known in packages:
        raise ThreadsAreGoneError(known)
    original, used = builtins.__import__, set[str]()
    before = {name: id(module) for name, module in sys.modules.items()} if packages else {}

    def watching(
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002 - named by Python
        locals: Mapping[str, object] | None = None,  # noqa: A002 - named by Python
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        package = name.partition(".")[0]
        if not level and package in packages:
            used.add(package)
            raise ThreadsAreGoneError(package)
        return original(name, globals, locals, fromlist or (), level)

    builtins.__import__ = watching
    try:
        yield
    finally:
        builtins.__import__ = original
        if packages:
            used |= _reached(_own_modules(spec, before)).intersection(packages)
        if used:
            raise ThreadsAreGoneError(min(used))


def _own_modules(spec: str, before: Mapping[str, int]) -> list[ModuleType]:
    """Return the modules that were imported since ``before``, and that of the engine."""
    place = spec.partition("[")[0].partition(":")[0]
    named = package_of(Path(place).absolute())[1] if place.endswith(".py") else module_name(place)
    modules = [*sys.modules.items()]
    return [found for name, found in modules if name == named or before.get(name) != id(found)]


def _reached(modules: list[ModuleType]) -> set[str]:
    """Return the packages of the modules, of what stands in them, and so on.

    What stands in Python's own modules and in gradcheck's is left out.
    """
    packages, seen = set[str](), set[int]()
    while modules:
        module = modules.pop()
        package = module.__name__.partition(".")[0]
        if id(module) in seen or package in sys.stdlib_module_names or package == "gradcheck":
            continue
        seen.add(id(module))
        packages.add(package)
        for value in [*vars(module).values()]:
            owner = value if isinstance(value, type | FunctionType) else type(value)
            found = (
                value if isinstance(value, ModuleType) else sys.modules.get(str(owner.__module__))
            )
            modules += [found] if isinstance(found, ModuleType) else []
    return packages
