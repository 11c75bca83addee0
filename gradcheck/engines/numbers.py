"""Reading a number off an engine's object, whatever stands there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from operator import attrgetter
from typing import SupportsFloat


class NotANumberError(TypeError):
    """Something stands where a number should; the message says what and where."""


def number(made: object, attribute: str, where: str, *, inner: str = "") -> float:
    """The float that an attribute of an engine's object is, or holds as its only element.

    Where it is such an object again, its attribute ``inner`` is the number. Text is none, even
    where ``float`` could read it. Raises ``NotANumberError``, and what the engine itself raises
    where the attribute is computed.
    """
    found = getattr(made, attribute, None)
    if type(found) is float:
        return found
    if inner and isinstance(found, type(made)):
        return number(found, inner, where)
    try:
        return _as_float(found)
    except Exception as error:
        why = str(error) if _looks_like_a_number(found) else ""
        message = (
            f"{where} has {_shown(made if found is None else found)} "
            f"where .{attribute} should be a number{why and f': {why}'}"
        )
        raise NotANumberError(message) from error


def plain_floats(objects: Sequence[object], *attributes: str) -> list[tuple[float, ...]] | None:
    """The attributes of each object, or ``None`` unless all are there and nothing but floats.

    >>> plain_floats([1j, 2 - 3j], "real", "imag")
    [(0.0, 1.0), (2.0, -3.0)]
    """
    try:
        found = list(map(attrgetter(*attributes), objects))
    except Exception:  # noqa: BLE001 - `number` tells what is wrong, and where
        return None
    return found if set(map(type, chain.from_iterable(found))) == {float} else None


def _as_float(found: object) -> float:
    # Arrays of one element, which float() does not read in every version of NumPy.
    item = getattr(found, "item", None)
    if not isinstance(found, float) and callable(item):
        found = item()
    if not isinstance(found, SupportsFloat):
        raise TypeError
    return float(found)


def _looks_like_a_number(found: object) -> bool:
    return isinstance(found, SupportsFloat)


def _shown(thing: object) -> str:
    """A few letters of a thing, which need not have a text or only a very long one."""
    try:
        return f"{thing!r:.40}"
    except Exception:  # noqa: BLE001 - an engine's object may fail at this too
        return f"something of type {type(thing).__name__}"
