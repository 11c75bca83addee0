"""JSON files from anywhere: data of which nothing is believed, and nothing is run."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

Data = None | bool | int | float | str | list["Data"] | dict[str, "Data"]

LARGEST = 10 * 2**20
"""Bytes. The case file of an expression with 10,000 operations is a tenth of that."""

_MOST_DIGITS = 400
"""Digits of a whole number: the largest float has 309."""


def load(path: Path, *, newest_format: int) -> dict[str, Data]:
    """The object that a file holds, in a format from 1 up to the newest that is known.

    Raises ``ValueError``, which says what is wrong, and ``OSError``.
    """
    if path.resolve().parent != path.parent.resolve():
        message = "it is a link that leads out of its folder"
        raise ValueError(message)
    size = path.stat().st_size
    if size > LARGEST:
        message = f"it has {size:,} bytes, and {LARGEST:,} are the most"
        raise ValueError(message)
    data = _parsed(path.read_text(encoding="utf-8"))
    number = data.get("format") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(number, int) or number is True or number < 1:
        message = "it is no JSON object whose format is a number"
        raise ValueError(message)
    if number > newest_format:
        message = (
            f"it has format {number}, and this gradcheck reads up to {newest_format}: update it"
        )
        raise ValueError(message)
    return data


def _parsed(text: str) -> Data:
    try:
        data: Data = json.loads(text, parse_constant=_no_number, parse_int=_whole_number)
        # Half of a surrogate pair, which no terminal and no file has a place for, is a ValueError.
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        message = f"it is not whole, or not JSON ({error}): restore it, or delete it"
        raise ValueError(message) from None
    except RecursionError:
        message = "it is nested too deeply"
        raise ValueError(message) from None
    return data


def _whole_number(digits: str) -> int:
    """A whole number, with no more digits than any that gradcheck writes."""
    if len(digits) > _MOST_DIGITS:
        message = f"a whole number has {len(digits)} digits"
        raise ValueError(message)
    return int(digits)


def _no_number(name: str) -> Data:
    message = f"{name} is not a number that JSON has"
    raise ValueError(message)


def dump(data: dict[str, Data]) -> str:
    """Data as the text of a file."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


@contextlib.contextmanager
def reading(path: Path, error: type[Exception], *, missing: str) -> Iterator[None]:
    """Raise ``error`` in one line, with what to do, for all that can be wrong with a file.

    ``missing`` is what to do where there is no such file.
    """
    try:
        yield
    except FileNotFoundError:
        message = f"there is no {path}; {missing}"
        raise error(message) from None
    except (OSError, ValueError, OverflowError) as reason:
        message = f"cannot read {path}: {' '.join(str(reason).split())}"
        raise error(message) from None
