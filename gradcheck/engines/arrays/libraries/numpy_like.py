"""Functions of arrays in libraries that name them as NumPy does."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from gradcheck.arrays.operations import ONLY_OVER_AXES, OTHER_NAMES, Index, index_of


def of_every_element(
    functions: Mapping[str, Callable[..., object]],
) -> dict[str, Callable[..., object]]:
    """Return the functions of a scalar adapter by the names that they have for arrays."""
    return {
        OTHER_NAMES.get(name, name): function
        for name, function in functions.items()
        if name not in ONLY_OVER_AXES
    }


def indexed(x: Any, *, index: Index) -> object:
    """Return the elements of an array at an index."""
    found: object = x[index_of(index)]
    return found


def numpy_functions(
    library: Any, *, without: tuple[str, ...] = ()
) -> dict[str, Callable[..., object]]:
    """Return the functions of arrays of a library that names them as NumPy does."""
    functions: dict[str, Callable[..., object]] = {
        **{name: getattr(library, name) for name in _SAME_NAMES if name not in without},
        "index": indexed,
        # By position, as not every library calls these options as NumPy does.
        "broadcast_to": lambda x, *, shape: library.broadcast_to(x, shape),
        "reshape": lambda x, *, shape: library.reshape(x, shape),
        "transpose": lambda x, *, axes=None: library.transpose(x, axes),
        "matmul": operator.matmul,
        "concatenate": lambda *xs, axis: library.concatenate(xs, axis=axis),
        "stack": lambda *xs, axis: library.stack(xs, axis=axis),
        **_others(library),
    }
    return {name: f for name, f in functions.items() if name not in without}


def _others(library: Any) -> dict[str, Callable[..., object]]:
    """Return the functions of those names that a library has."""
    functions: dict[str, Callable[..., object]] = {
        name: getattr(library, name) for name in _MAYBE if hasattr(library, name)
    }
    if hasattr(library, "linalg"):
        functions["norm"] = lambda x, *, axis=None, **keepdims: library.linalg.norm(
            x, None, axis, **keepdims
        )
    if hasattr(library, "pad"):
        functions["pad"] = lambda x, *, widths: library.pad(x, widths, "constant")
    if hasattr(library, "split"):
        functions["split"] = lambda x, *, sections, axis, part: library.split(x, sections, axis)[
            part
        ]
    if hasattr(library, "outer"):
        functions["outer"] = library.outer
    return functions


_MAYBE = ("var", "cumprod", "roll", "tril", "triu", "diagonal")

_SAME_NAMES = (
    *("sum", "mean", "prod", "max", "min", "cumsum"),
    *("squeeze", "expand_dims", "flip"),
)
