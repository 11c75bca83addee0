"""Stand-ins for packages that an engine imports only to draw, or to choose a device.

A stand-in has every name, so the import of the engine's file succeeds. Calling one of them raises
an error, but for a few functions of CuPy that choose a device, or NumPy instead.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import NoReturn

PACKAGES = ("cupy", "matplotlib")
"""They are not among the packages that gradcheck itself needs, as graphviz is."""


class StandInError(ImportError):
    """A part of a package that is not installed was called."""


def with_stand_ins(load: Callable[[], ModuleType], place: str) -> ModuleType:
    """Return the module that ``load`` imports, with stand-ins for ``PACKAGES`` that it lacks.

    A line on standard error names each stand-in.
    """
    while True:
        try:
            return load()
        except Exception as error:
            package = _missing(error)
            if package is None or package in _FINDER.packages:
                raise
            _FINDER.packages.add(package)
            if _FINDER not in sys.meta_path:
                sys.meta_path.append(_FINDER)
            sys.stderr.write(
                f"{place} imports {package}, which is not installed: a stand-in takes its place "
                "that neither draws nor computes.\n"
            )


def _missing(error: Exception) -> str | None:
    """Return the package whose absence made an import fail, if it may have a stand-in."""
    cause = error.__cause__
    name = cause.name if isinstance(cause, ModuleNotFoundError) and cause.name else ""
    package = name.partition(".")[0]
    return package if package in PACKAGES else None


class _Finder(MetaPathFinder, Loader):
    """Finds the stand-ins, after all packages that are there."""

    def __init__(self) -> None:
        self.packages: set[str] = set()

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        is_one = name.partition(".")[0] in self.packages
        return ModuleSpec(name, self, is_package=True) if is_one else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the names are made when they are asked for."""


class _StandIn(ModuleType):
    """A module that has every name."""

    def __getattr__(self, name: str) -> object:
        return _part(self.__name__, name)


class _PartOfAStandIn(type):
    """The class of the parts, which are classes themselves, so that ``isinstance`` takes them."""

    place: str

    def __getattr__(cls, name: str) -> object:
        return _part(cls.place, name)

    def __call__(cls, *_operands: object, **_options: object) -> NoReturn:
        package = cls.place.partition(".")[0]
        message = (
            f"{cls.place} was called, and {package} is not installed: a stand-in cannot compute; "
            f"pip install {package}, or use NumPy here"
        )
        raise StandInError(message)


def _part(place: str, name: str) -> object:
    if name.startswith("__"):
        raise AttributeError(name)
    if name in _ANSWERS:
        return _ANSWERS[name]
    return _PartOfAStandIn(name, (), {"place": f"{place}.{name}"})


def _numpy(*_arrays: object) -> ModuleType:
    import numpy as np  # noqa: PLC0415 - an engine that asks has it

    return np


def _as_numpy(array: object) -> object:
    return _numpy().asarray(array)


_ANSWERS: dict[str, Callable[..., object]] = {
    "is_available": lambda: False,
    "getDeviceCount": lambda: 0,
    "get_array_module": _numpy,
    "asnumpy": _as_numpy,
}
"""CuPy's answers where there is no device and every array is one of NumPy."""

_FINDER = _Finder()
