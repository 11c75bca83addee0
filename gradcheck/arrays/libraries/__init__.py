"""The libraries of arrays that have a spec of their own: ``torch``, ``jax:float32`` and others.

Their functions of every element are those of the scalar adapters. What is added here is what only
arrays have.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from gradcheck.arrays.engines import FunctionArrays, TensorArrays
from gradcheck.engines.libraries import LibraryEngine, library_engine

LibraryArrays = FunctionArrays | TensorArrays

_WITH_ARRAYS = ("torch", "jax", "autograd", "mygrad")


def library_arrays(spec: str) -> LibraryArrays | None:
    """Import a library and return its engine of arrays, ``None`` if there is none for the spec.

    Raises ``LibraryError`` as ``library_engine`` does.
    """
    package = spec.partition(":")[0]
    scalar = library_engine(spec) if package in _WITH_ARRAYS else None
    if scalar is None:
        return None
    adapter = importlib.import_module(f"{__name__}.{package}")
    make: Callable[[LibraryEngine], LibraryArrays] = adapter.engine
    return make(scalar)
