"""Checks of untrusted JSON data, whose errors say what was expected and what was found."""

from __future__ import annotations

import json
from typing import NoReturn, TypeVar

T = TypeVar("T")


def expect(data: object, wanted: type[T], words: str) -> T:
    """Return data that is of the wanted type. Raises ``ValueError`` if it is not."""
    return data if isinstance(data, wanted) else refuse(data, words)


def refuse(data: object, words: str) -> NoReturn:
    """Raise the error for data that is not what ``words`` describe."""
    shown = f"an object with keys {', '.join(data)}" if isinstance(data, dict) else json.dumps(data)
    message = f"expected {words}, found {shown:.80}"
    raise ValueError(message)


def expect_count(data: object) -> int:
    """Return a count; files have no negative integers."""
    if isinstance(data, int) and not isinstance(data, bool) and data >= 0:
        return data
    return refuse(data, "an integer of at least 0")
