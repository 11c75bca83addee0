"""Packages that start threads, which a forked child lacks, and for which it may wait for ever."""

from __future__ import annotations

import builtins
import contextlib
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import ModuleType

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

    It does if its spec names one, if that is remembered, or if an import statement that runs within
    the block does, also of a package that is here already. It is raised at the end of the block
    once more, because an experiment on the engine takes whatever the engine raises.
    """
    library = spec.partition("[")[0].partition(":")[0].partition(".")[0]
    known = _USED_BY.get(spec, library)
    if known in packages:
        raise ThreadsAreGoneError(known)
    original, used = builtins.__import__, set[str]()

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
    if used:
        raise ThreadsAreGoneError(min(used))
