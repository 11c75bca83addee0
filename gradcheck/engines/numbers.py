"""Read a number off an object of an engine, whatever stands there."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from operator import attrgetter
from typing import SupportsFloat


class NotANumberError(TypeError):
    """Something else stands where a number should; the message says what and where."""


def number(made: object, attribute: str, where: str, *, inner: str = "") -> float:
    """Return the float that an attribute is, or that it holds as its only element.

    If the attribute is itself an object of the engine, the number is read off its attribute
    ``inner``. Text is refused, even where ``float`` could parse it. ``where`` describes the object
    for the message. Raises ``NotANumberError``, and what a property of the engine raises.
    """
    found = getattr(made, attribute, None)
    if type(found) is float:
        return found
    if inner and isinstance(found, type(made)):
        return number(found, inner, where)
    try:
        return _as_float(found)
    except Exception as error:
        why = f": {error}" if isinstance(found, SupportsFloat) and str(error) else ""
        shown = _shown(made if found is None else found)
        message = f"{where} has {shown} where .{attribute} should be a number{why}"
        raise NotANumberError(message) from error


def plain_floats(objects: Iterable[object], *attributes: str) -> list[tuple[float, ...]] | None:
    """Return the attributes of each object, or ``None`` unless every one of them is a float.

    >>> plain_floats([1j, 2 - 3j], "real", "imag")
    [(0.0, 1.0), (2.0, -3.0)]
    """
    try:
        found = list(map(attrgetter(*attributes), objects))
    except Exception:  # noqa: BLE001 - `number` then tells what is wrong, and where
        return None
    return found if set(map(type, chain.from_iterable(found))) == {float} else None


def _as_float(found: object) -> float:
    # float() does not read an array of one element in every version of NumPy; item() does.
    item = getattr(found, "item", None)
    if not isinstance(found, float) and callable(item):
        found = item()
    if not isinstance(found, SupportsFloat):
        raise TypeError
    return float(found)


def _shown(thing: object) -> str:
    """Return the first letters of a thing's repr, which may fail or be very long."""
    try:
        return f"{thing!r:.40}"
    except Exception:  # noqa: BLE001 - an engine's repr may fail in any way
        return f"something of type {type(thing).__name__}"
