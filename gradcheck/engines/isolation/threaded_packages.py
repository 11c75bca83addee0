"""Packages that work in threads: a forked child has none of them and may wait for ever."""

from __future__ import annotations

import builtins
import contextlib
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import ModuleType

_THREADED = ("jax", "tensorflow")


class ThreadsAreGoneError(BaseException):
    """A forked child imports a package whose threads only its parent has; ``str`` names it.

    It derives from ``BaseException``, so that an engine that catches ``Exception`` cannot catch it.
    """


def threaded_packages() -> frozenset[str]:
    """Return the names of the packages in this process that work in threads."""
    return frozenset(_THREADED).intersection(sys.modules)


@contextlib.contextmanager
def refused(spec: str, packages: Collection[str]) -> Iterator[None]:
    """Raise ``ThreadsAreGoneError`` if an engine that is loaded within the block uses the packages.

    It does if its spec names one, or if its module imports one, also one that is here already.
    """
    library = spec.partition("[")[0].partition(":")[0].partition(".")[0]
    if library in packages:
        raise ThreadsAreGoneError(library)
    original = builtins.__import__

    def watching(
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002 - named by Python
        locals: Mapping[str, object] | None = None,  # noqa: A002 - named by Python
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        package = name.partition(".")[0]
        if not level and package in packages:
            raise ThreadsAreGoneError(package)
        return original(name, globals, locals, fromlist or (), level)

    builtins.__import__ = watching
    try:
        yield
    finally:
        builtins.__import__ = original
