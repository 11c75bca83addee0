"""Detect the attributes of an engine's objects that hold numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from gradcheck.engines.experiment import outcome
from gradcheck.engines.numbers import number

VALUES = ("data", "value", "val")
"""Names that authors give the attribute for the value, the usual one first."""

_A, _B = 2.25, -1.25
"""Numbers that are neither a counter nor a flag, and that every format holds exactly."""


def value_attribute(make: Callable[..., object]) -> str | None:
    """Return the attribute that holds the number that an object was made from.

    If there is none, because the engine may be wrong from the start, return an attribute with a
    usual name that holds any number, or else ``None``.
    """
    return outcome(lambda: _value_attribute(make(_A), make(_B)))


def _value_attribute(one: object, other: object) -> str | None:
    for name in attributes(one, usual=VALUES):
        if (number_at(one, name), number_at(other, name)) == (_A, _B):
            return name
    return next((name for name in VALUES if number_at(one, name) is not None), None)


def attributes(made: object, *, usual: Sequence[str]) -> Iterator[str]:
    """Return the names of an object's attributes, the usual ones first, methods left out."""
    names = dict.fromkeys((*usual, *getattr(made, "__dict__", {}), *dir(type(made))))
    return (n for n in names if not n.startswith("__") and _is_data(made, n))


def _is_data(made: object, name: str) -> bool:
    try:
        return not callable(getattr(made, name))
    except Exception:  # noqa: BLE001 - a property may fail in any way
        # A property that cannot be read before the backward pass may still be the gradient.
        return isinstance(getattr(type(made), name, None), property)


def number_at(made: object, name: str, *, inner: str = "") -> float | None:
    """Return the number that an attribute holds, ``None`` if it holds none, or a truth value."""
    try:
        if isinstance(getattr(made, name), bool):
            return None
        return number(made, name, "", inner=inner)
    except Exception:  # noqa: BLE001 - a property may fail in any way
        return None
