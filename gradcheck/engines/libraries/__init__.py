"""The libraries that have a spec of their own: ``torch``, ``jax:float32`` and others."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from gradcheck.engines.functions import FunctionEngine
from gradcheck.engines.importing import stderr_discarded
from gradcheck.engines.tensors import TensorEngine

LibraryEngine = FunctionEngine | TensorEngine

FORMATS: dict[str, tuple[str, ...]] = {
    "torch": ("float64", "float32", "bfloat16", "float16"),
    "jax": ("float64", "float32", "bfloat16", "float16"),
    "autograd": ("float64",),
    "mygrad": ("float64", "float32"),
    "casadi": ("float64",),
    "tensorflow": ("float64", "float32"),
}
"""The formats in which each package computes; a spec without a format means the first."""

LIBRARIES: dict[str, tuple[str, str]] = {
    package if precision == first else f"{package}:{precision}": (package, precision)
    for package, (first, *others) in FORMATS.items()
    for precision in (first, *others)
}
"""The package and the format of each spec."""

_LOGGING = ("tensorflow",)
"""The packages that log to standard error while they are imported."""


class LibraryError(Exception):
    """A library that cannot be used; the message is one line that says what to do."""


def library_engine(spec: str) -> LibraryEngine | None:
    """Import a library and return its engine, or ``None`` if the spec is not that of a library.

    A module of the user's own in the working directory hides a library of the same name, as it does
    for Python's own imports. Raises ``LibraryError`` for a library that is not installed, and for a
    format that there is not.
    """
    package, _, asked = spec.partition(":")
    if package not in FORMATS or (asked and not asked.islower()):
        return None  # an engine of the user's own, or a class of the package
    if Path(f"{package}.py").exists() or Path(package, "__init__.py").exists():
        return None
    first, *_ = formats = FORMATS[package]
    precision = asked or first
    if precision not in formats:
        *others, last = formats
        known = " and ".join([", ".join(others), last] if others else [last])
        message = f"{package} has no format {asked!r}; it has {known}"
        raise LibraryError(message)
    try:
        with stderr_discarded() if package in _LOGGING else nullcontext():
            importlib.import_module(package)
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed; pip install 'gradcheck[{package}]'"
        raise LibraryError(message) from error
    adapter = importlib.import_module(f"{__name__}.{package}")
    make: Callable[[str, str], LibraryEngine] = adapter.engine
    return make(spec, precision)
