"""The libraries that have a spec of their own: ``torch``, ``jax:float32`` and others."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

from gradcheck.engines.functions import FunctionEngine
from gradcheck.engines.tensors import TensorEngine

LibraryEngine = FunctionEngine | TensorEngine

LIBRARIES: dict[str, tuple[str, str]] = {
    "torch": ("torch", "float64"),
    "torch:float32": ("torch", "float32"),
    "torch:bfloat16": ("torch", "bfloat16"),
    "jax": ("jax", "float64"),
    "jax:float32": ("jax", "float32"),
    "autograd": ("autograd", "float64"),
    "mygrad": ("mygrad", "float64"),
    "mygrad:float32": ("mygrad", "float32"),
    "casadi": ("casadi", "float64"),
}
"""The package and the precision of each spec."""


class LibraryNotInstalledError(Exception):
    """A library is not installed; the message is one line that says how to install it."""


def library_engine(spec: str) -> LibraryEngine | None:
    """Import a library and return its engine, or ``None`` if the spec is not that of a library.

    A module of the user's own in the working directory hides a library of the same name, as it does
    for Python's own imports. Raises ``LibraryNotInstalledError``.
    """
    if spec not in LIBRARIES:
        return None
    package, precision = LIBRARIES[spec]
    if Path(f"{package}.py").exists() or Path(package, "__init__.py").exists():
        return None
    try:
        importlib.import_module(package)
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed; pip install 'gradcheck[{package}]'"
        raise LibraryNotInstalledError(message) from error
    adapter = importlib.import_module(f"{__name__}.{package}")
    make: Callable[[str, str], LibraryEngine] = adapter.engine
    return make(spec, precision)
