"""Other names of array operations, and options by position, in the terms of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gradcheck.arrays.elements import MATRIX_DIMENSIONS
from gradcheck.arrays.operations import ARRAY_OPERATIONS, OPTION_BY_POSITION, Option

_SAME = {
    **dict.fromkeys(("dot", "mm"), "matmul"),
    "permute": "transpose",
    **dict.fromkeys(("cat", "concat"), "concatenate"),
    "amax": "max",
    "amin": "min",
    "unsqueeze": "expand_dims",
}
"""Names for which the table has another one."""

_FLATTENED = ("flatten", "ravel")

_SWAPPED = ("swapaxes",)

_DEFAULTS: dict[str, dict[str, Option]] = {"concatenate": {"axis": 0}, "stack": {"axis": 0}}
"""Options that the table needs, and that may be left out."""

_IN_ORDER = ("roll", "split")
"""Operations whose options come one after the other by position; of others it is the first one.

Several numbers are one tuple there, as in ``x.reshape(2, 3)``.
"""


def is_known(name: str) -> bool:
    """Tell whether an operation has this name, in the table or elsewhere."""
    return name in ARRAY_OPERATIONS or name in (*_SAME, *_FLATTENED, *_SWAPPED)


def same_name(name: str) -> str:
    """Return the name that the table has for an operation."""
    if name in _FLATTENED:
        return "reshape"
    return "transpose" if name in _SWAPPED else _SAME.get(name, name)


def takes_options(name: str) -> bool:
    """Tell whether arguments after the first operand are options, and no operands."""
    return name in _SWAPPED or same_name(name) in OPTION_BY_POSITION


def options_in_table(
    name: str,
    by_position: Sequence[Option],
    options: Mapping[str, Option],
    dimensions: Callable[[], Sequence[int]],
) -> dict[str, Option]:
    """Return the options that the table has for what a user wrote.

    ``dimensions`` counts those of each operand. Raises ``ValueError`` for options that do not fit,
    and for a ``dot`` that is no product of matrices.

    >>> options_in_table("swapaxes", (0, -1), {}, lambda: [3])
    {'axes': (2, 1, 0)}
    >>> options_in_table("pad", (1,), {}, lambda: [2])
    {'widths': ((1, 1), (1, 1))}
    """
    if name == "dot":
        _require_a_product(dimensions())
    if name in _FLATTENED:
        return {"shape": (-1,)}
    if name in _SWAPPED:
        return {"axes": _swapped(by_position, dimensions()[0])}
    found = {**_DEFAULTS.get(same_name(name), {}), **options}
    if by_position:
        name = same_name(name)
        row = ARRAY_OPERATIONS[name]
        if name in _IN_ORDER:
            found |= dict(zip(row.options, by_position, strict=False))
        else:
            found = {OPTION_BY_POSITION[name]: _together(by_position), **found}
    if name == "pad":
        found = {"widths": _widths(found.get("widths"), dimensions()[0])}
    return found


def _require_a_product(dimensions: Sequence[int]) -> None:
    match dimensions:
        case (left, right) if left > 1 and right > MATRIX_DIMENSIONS:
            message = "with stacked matrices on the right it is another operation than @; write @"
            raise ValueError(message)


def _together(by_position: Sequence[Option]) -> Option:
    if len(by_position) == 1:
        return by_position[0]
    return tuple(number for number in by_position if isinstance(number, int))


def _swapped(by_position: Sequence[Option], dimensions: int) -> tuple[int, ...]:
    axes = list(range(dimensions))
    numbers = [axis for axis in by_position if isinstance(axis, int)]
    if len(numbers) != 2 or not all(-dimensions <= axis < dimensions for axis in numbers):  # noqa: PLR2004
        message = f"two axes of an array of {dimensions} dimensions are swapped"
        raise ValueError(message)
    first, second = numbers
    axes[first], axes[second] = axes[second], axes[first]
    return tuple(axes)


def _widths(widths: Option, dimensions: int) -> Option:
    """Return two widths for each axis, where one or two numbers are those of all axes."""
    match widths:
        case int():
            return ((widths, widths),) * dimensions
        case (int(before), int(after)) | ((int(before), int(after)),):
            return ((before, after),) * dimensions
    return widths
