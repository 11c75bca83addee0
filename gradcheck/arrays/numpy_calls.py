"""Calls of NumPy's functions, in the terms of the table of array operations."""

from __future__ import annotations

import inspect
import numbers
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from gradcheck.arrays.operations import Index, IndexPart, Mask, Option, Slice
from gradcheck.arrays.other_names import is_known

_PAIR = 2

_OPTION_NAMES = {
    "pad": {"pad_width": "widths"},
    "split": {"indices_or_sections": "sections"},
    "norm": {},
    "var": {"correction": "ddof"},
    "roll": {},
}
"""Functions whose arguments by position are options, with NumPy's names of some of these."""

_WITHOUT_MEANING: Mapping[str, Mapping[str, object]] = {
    "norm": {"ord": None},
    "pad": {"mode": "constant", "constant_values": 0},
}
"""Options that may be given, with the only values that they may have."""


def call_of(
    function: Callable[..., object], operands: Sequence[object], options: Mapping[str, object]
) -> tuple[str, Sequence[object], dict[str, object]] | None:
    """Return the name, the operands and the options of a call, ``None`` if the table has none.

    >>> call_of(np.pad, ([1.0], 1), {"mode": "constant"})
    ('pad', ([1.0],), {'widths': 1})
    """
    name = function.__name__
    if not is_known(name):
        return None
    if name not in _OPTION_NAMES:
        return name, operands, dict(options)
    try:
        bound = inspect.signature(function).bind(*operands, **options).arguments
    except (TypeError, ValueError):
        return None
    bound.update(bound.pop("kwargs", {}))
    operand, *_ = bound
    array = bound.pop(operand)
    given: dict[str, object] = {}
    for option, value in bound.items():
        without = _WITHOUT_MEANING.get(name, {})
        if option not in without:
            given[_OPTION_NAMES[name].get(option, option)] = value
        elif value != without[option]:
            return None
    return name, (array,), given


def option_of(value: object) -> Option:
    """Return an option as the table has it. Raises ``TypeError`` for anything else."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    parts = value.tolist() if isinstance(value, np.ndarray) else value
    if isinstance(parts, list | tuple):
        if all(isinstance(x, numbers.Integral) for x in parts):
            return tuple(int(x) for x in parts)
        pairs = [tuple(x) if isinstance(x, list | tuple) else () for x in parts]
        if all(len(x) == _PAIR and all(isinstance(n, int) for n in x) for x in pairs):
            return tuple((int(before), int(after)) for before, after in pairs)
    message = f"the option {value!r:.40}"
    raise TypeError(message)


def index_of_numpy(index: object) -> Index:
    """Return an index as the table has it. Raises ``TypeError`` for anything else."""
    parts = index if isinstance(index, tuple) else (index,)
    return tuple(map(_part, parts))


def _part(part: object) -> IndexPart:
    if isinstance(part, slice):
        return Slice(*(None if x is None else int(x) for x in (part.start, part.stop, part.step)))
    if isinstance(part, numbers.Integral) and not isinstance(part, bool):
        return int(part)
    array = np.asarray(part)
    if array.ndim == 1 and array.dtype.kind == "i":
        return tuple(array.tolist())
    if array.ndim and array.dtype == np.bool_:
        return Mask(array.shape, tuple(array.ravel().tolist()))
    message = f"the index {part!r:.40}"
    raise TypeError(message)
