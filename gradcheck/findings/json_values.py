"""Single values out of JSON data from anywhere, of which nothing is believed.

Whatever is something else raises ``ValueError``; the message says what it is.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NoReturn

from gradcheck.findings.encoding import Data


def time(data: Data) -> datetime:
    """A time, in UTC where it does not say."""
    found = datetime.fromisoformat(text(data))
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def number(data: Data) -> float | None:
    """A number or none; what JSON has no number for is text."""
    match data:
        case None | int() | float() if not isinstance(data, bool):
            return data
        case "nan" | "inf" | "-inf":
            return float(data)
    return refuse(data, expected="a number")


def required_number(data: Data) -> float:
    """A number."""
    found = number(data)
    if found is None:
        refuse(data, expected="a number")
    return found


def whole(data: Data) -> int:
    """A whole number that is not negative."""
    if isinstance(data, int) and not isinstance(data, bool) and data >= 0:
        return data
    return refuse(data, expected="a whole number")


def text(data: Data) -> str:
    """A text."""
    if isinstance(data, str):
        return data
    return refuse(data, expected="a text")


def refuse(data: Data, *, expected: str) -> NoReturn:
    """Raise the error for data that is something else than was expected."""
    shown = f"keys {', '.join(data)}" if isinstance(data, dict) else repr(data)
    message = f"{expected} is expected where it has {shown:.80}"
    raise ValueError(message)
