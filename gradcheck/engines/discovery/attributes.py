"""The attributes of an engine's objects that may hold numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from gradcheck.engines.discovery.experiment import outcome
from gradcheck.engines.discovery.names import VALUES
from gradcheck.engines.numbers import number

_A, _B = 2.25, -1.25
"""Numbers that no counter and no flag has, and that any format holds exactly."""


def value_attribute(make: Callable[..., object]) -> str | None:
    """The attribute that holds the number that an object was made from.

    Where none holds it, as an engine may be wrong from the start, it is one with a usual name that
    holds a number; ``None`` where there is no such thing either.
    """
    return outcome(lambda: _value_attribute(make(_A), make(_B)))


def _value_attribute(one: object, other: object) -> str | None:
    for name in attributes(one, usual=VALUES):
        if (number_at(one, name), number_at(other, name)) == (_A, _B):
            return name
    return next((name for name in VALUES if number_at(one, name) is not None), None)


def attributes(made: object, *, usual: Sequence[str]) -> Iterator[str]:
    """The names of an object's attributes, the usual ones first; methods are none."""
    names = dict.fromkeys((*usual, *getattr(made, "__dict__", {}), *dir(type(made))))
    return (n for n in names if not n.startswith("__") and _holds_something(made, n))


def _holds_something(made: object, name: str) -> bool:
    try:
        return not callable(getattr(made, name))
    except Exception:  # noqa: BLE001 - a property may fail in any way
        # One that cannot be read yet may still be a gradient.
        return isinstance(getattr(type(made), name, None), property)


def number_at(made: object, name: str, *, inner: str = "") -> float | None:
    """The number that an attribute holds, ``None`` where it is none, or a truth value."""
    try:
        if isinstance(getattr(made, name), bool):
            return None
        return number(made, name, "", inner=inner)
    except Exception:  # noqa: BLE001 - a property may fail in any way
        return None
