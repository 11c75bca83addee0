"""The ways in which authors let array operations be called, the usual one first."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterator
from types import ModuleType

import numpy as np

from gradcheck.arrays.operations import Axis, Index, Shape, index_of
from gradcheck.engines.arrays.code_objects import NamedFunction
from gradcheck.engines.arrays.discovery.programs import REDUCTIONS

Function = Callable[..., object]

_NAMES: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in (*REDUCTIONS, "cumsum", "flip", "stack", "maximum", "minimum")},
    "softmax": ("softmax",),
    "log_softmax": ("log_softmax", "logsoftmax"),
    "max": ("max", "amax"),
    "min": ("min", "amin"),
    "reshape": ("reshape", "view"),
    "transpose": ("transpose", "T", "t"),
    "squeeze": ("squeeze",),
    "expand_dims": ("expand_dims", "unsqueeze"),
    "broadcast_to": ("broadcast_to", "expand"),
    "concatenate": ("concatenate", "cat", "concat"),
    "matmul": ("__matmul__", "matmul", "dot", "mm"),
}
"""Names that authors give the method or function for an operation, the usual one first."""

AXIS_NAMES = (
    ("axis", "keepdims"),
    ("dim", "keepdim"),
    ("axis", "keepdim"),
    ("dim", "keepdims"),
    ("", ""),
)
"""Names of the axis and of its option; empty ones are given by position."""


def ways(name: str, class_: type, module: ModuleType | None) -> Iterator[Function]:
    """Yield functions that may do an operation, with NumPy's names of the options."""
    if name == "index":
        if is_own(class_, "__getitem__"):
            yield lambda x, *, index: x[_as_numpy(index)]
        return
    for called in _NAMES[name]:
        if called == "__matmul__" and is_own(class_, called):
            yield operator.matmul
        for function in callables(called, class_, module):
            yield from _with_options(name, function)


def may_have(name: str, class_: type, module: ModuleType | None) -> bool:
    """Tell whether a class, or its module, has something by a name of the operation."""
    functions = {} if module is None else vars(module)
    return any(is_own(class_, called) or called in functions for called in _NAMES[name])


def transpositions(class_: type, module: ModuleType | None) -> Iterator[Function]:
    """Yield functions that may transpose an array, given the axes."""
    for called in (*_NAMES["transpose"], "permute"):
        for function in callables(called, class_, module):
            yield lambda x, *, axes, function=function: function(x, *axes)
            yield lambda x, *, axes, function=function: function(x, axes)
            yield lambda x, *, axes, function=function: function(x, axes=axes)
    for called in ("transpose", "swapaxes"):
        for function in callables(called, class_, module):
            yield lambda x, *, axes, function=function: _by_swaps(function, x, axes)


def _by_swaps(swap: Function, x: object, axes: Shape) -> object:
    """Transpose an array by a function that swaps two axes."""
    order = list(range(len(axes)))
    for place, axis in enumerate(axes):
        other = order.index(axis)
        if other != place:
            x = swap(x, place, other)
            order[place], order[other] = order[other], order[place]
    return x


def is_own(class_: type, name: str) -> bool:
    """Tell whether a class has a method that is not the one of NumPy's arrays.

    A class that derives from these inherits methods that know nothing of gradients.
    """
    method = getattr(class_, name, None)
    if method is None or not issubclass(class_, np.ndarray):
        return method is not None
    catches_all = class_.__array_ufunc__ is not np.ndarray.__array_ufunc__
    return catches_all or method is not getattr(np.ndarray, name, None)


def callables(called: str, class_: type, module: ModuleType | None) -> Iterator[Function]:
    """Yield the method, the property, and the function of the module of a name."""
    found = getattr(class_, called, None) if is_own(class_, called) else None
    if inspect.isdatadescriptor(found):
        yield lambda x: getattr(x, called)
    elif callable(found):
        yield lambda x, *others, **options: getattr(x, called)(*others, **options)
        if isinstance(class_.__dict__.get(called), staticmethod | classmethod):
            yield NamedFunction(f"{class_.__name__}.{called}", found)
    function = vars(module).get(called) if module is not None else None
    if callable(function) and not isinstance(function, type):
        yield NamedFunction(called, function)


def _as_numpy(index: Index) -> object:
    parts = index_of(index)
    return parts[0] if len(parts) == 1 else parts


def _with_options(name: str, function: Function) -> Iterator[Function]:
    """Yield the ways in which authors let the options of an operation be given."""
    if name in REDUCTIONS:
        for axis_name, keep_name in AXIS_NAMES:
            yield of_reduction(function, axis_name, keep_name)
    elif name in ("cumsum", "softmax", "log_softmax", "squeeze", "expand_dims", "flip"):
        yield lambda x, *, axis: function(x, axis=axis)
        yield lambda x, *, axis: function(x, dim=axis)
        yield lambda x, *, axis: function(x, axis)
    elif name in ("reshape", "broadcast_to"):
        yield lambda x, *, shape: function(x, shape)
        yield lambda x, *, shape: function(x, *shape)
    elif name == "transpose":
        yield function
        yield lambda x: function(x, 0, 1)
    elif name in ("concatenate", "stack"):
        yield lambda *xs, axis: function(list(xs), axis=axis)
        yield lambda *xs, axis: function(list(xs), dim=axis)
        yield lambda *xs, axis: function(list(xs), axis)
        yield lambda *xs, axis: function(*xs, axis=axis)
        yield lambda *xs, axis: function(*xs, dim=axis)
        yield lambda x, *others, axis: function(x, list(others), axis=axis)
    else:
        yield function


def of_reduction(function: Function, axis_name: str, keep_name: str) -> Function:
    """Return a reduction with NumPy's names of the options; see ``AXIS_NAMES``."""

    def reduce(x: object, *, axis: Axis = None, keepdims: bool = False) -> object:
        if not axis_name and keepdims:
            return function(x, axis, keepdims)
        if not axis_name:
            return function(x) if axis is None else function(x, axis)
        options: dict[str, object] = {} if axis is None else {axis_name: axis}
        if keepdims:
            options[keep_name] = True
        return function(x, **options)

    return reduce


def over_each_axis(function: Function, dimensions: Callable[[object], int]) -> Function:
    """Return a reduction by one that needs an axis: over all axes it goes over one after the other.

    ``dimensions`` counts those of an array.
    """

    def reduce(x: object, *, axis: Axis = None, keepdims: bool = False) -> object:
        if axis is not None:
            return function(x, axis=axis, keepdims=keepdims)
        for place in reversed(range(dimensions(x))):
            x = function(x, axis=place, keepdims=keepdims)
        return x

    return reduce


def with_axes(
    plain: Function | None, moved: Function | None, dimensions: Callable[[object], int]
) -> Function:
    """Return a transposition of two ways: one without axes, and one with them.

    A class may have only one of them. ``dimensions`` counts those of an array.
    """

    def transpose(x: object, *, axes: Shape | None = None) -> object:
        if moved is None:
            assert plain is not None
            return plain(x) if axes is None else plain(x, axes=axes)
        if axes is None:
            return moved(x, axes=(*reversed(range(dimensions(x))),)) if plain is None else plain(x)
        return moved(x, axes=axes)

    return transpose
