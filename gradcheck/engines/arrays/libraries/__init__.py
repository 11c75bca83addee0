"""The libraries of arrays that have a spec of their own: ``torch``, ``jax:float32`` and others.

Their functions of every element are those of the scalar adapters. What is added here is what only
arrays have.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace

from gradcheck.engines.arrays.driving import FunctionArrays, TensorArrays
from gradcheck.engines.libraries import LibraryEngine, LibraryError, library_engine

LibraryArrays = FunctionArrays | TensorArrays

_WITH_ARRAYS = ("torch", "jax", "autograd", "mygrad", "tensorflow")


def library_arrays(target: str, spec: str) -> LibraryArrays | None:
    """Import a library and return its engine of arrays, ``None`` if the target is not a library.

    Raises ``LibraryError`` as ``library_engine`` does.
    """
    package = target.partition(":")[0]
    scalar = library_engine(target)
    if scalar is None:
        return None
    if package not in _WITH_ARRAYS:
        message = (
            f"{package} is checked on numbers only; arrays are there for {', '.join(_WITH_ARRAYS)}"
        )
        raise LibraryError(message)
    adapter = importlib.import_module(f"{__name__}.{package}")
    make: Callable[[LibraryEngine], LibraryArrays] = adapter.engine
    return replace(make(scalar), spec=spec)
