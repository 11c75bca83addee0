"""JSON files from untrusted sources: read as data, within limits, never executed."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

Data = None | bool | int | float | str | list["Data"] | dict[str, "Data"]

LARGEST = 10 * 2**20
"""Bytes. The case file of an expression with 10,000 operations has a tenth of that."""

_MAX_DIGITS = 400
"""Digits of an integer; the largest float has 309."""


def load(path: Path, *, newest_format: int) -> dict[str, Data]:
    """Return the object in a file whose format is from 1 to ``newest_format``.

    Raises ``ValueError``, which says what is wrong, and ``OSError``.
    """
    data = _parsed(read_text(path, largest=LARGEST))
    number = data.get("format") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(number, int) or number is True or number < 1:
        message = 'it is not a file of gradcheck: it has no "format" that is a number'
        raise ValueError(message)
    if number > newest_format:
        message = (
            f"it has format {number}, and this gradcheck reads formats up to {newest_format}: "
            "update gradcheck"
        )
        raise ValueError(message)
    return data


def read_text(path: Path, *, largest: int) -> str:
    """Return the text of a file in a finding's folder.

    Raises ``ValueError`` for a file of more than ``largest`` bytes, and for a link to another
    folder: what is read may be shown or passed on, so it must belong to the finding.
    """
    if path.resolve().parent != path.parent.resolve():
        message = "it is a link to a file in another folder"
        raise ValueError(message)
    size = path.stat().st_size
    if size > largest:
        message = f"it has {size:,} bytes, and the limit is {largest:,}"
        raise ValueError(message)
    if not path.is_file():
        message = "it is not a regular file"
        raise ValueError(message)
    return path.read_text(encoding="utf-8")


def _parsed(text: str) -> Data:
    try:
        data: Data = json.loads(text, parse_constant=_not_json, parse_int=_integer)
        # This raises ValueError for half of a surrogate pair, which nothing can print or save.
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        message = f"it is incomplete or not JSON ({error}): restore or delete it"
        raise ValueError(message) from None
    except RecursionError:
        message = "it is nested too deeply"
        raise ValueError(message) from None
    return data


def _integer(digits: str) -> int:
    """Return an integer with no more digits than any that gradcheck writes."""
    if len(digits) > _MAX_DIGITS:
        message = f"an integer has {len(digits)} digits, and the limit is {_MAX_DIGITS}"
        raise ValueError(message)
    return int(digits)


def _not_json(name: str) -> Data:
    message = f"JSON has no number {name}"
    raise ValueError(message)


def dump(data: dict[str, Data]) -> str:
    """Return data as the text of a file."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


@contextlib.contextmanager
def reading(path: Path, error: type[Exception], *, missing: str) -> Iterator[None]:
    """Turn every failure to read a file into an ``error`` of one line.

    ``missing`` tells the user what to do if there is no such file.
    """
    try:
        yield
    except FileNotFoundError:
        message = f"there is no {path}; {missing}"
        raise error(message) from None
    except (OSError, ValueError, OverflowError) as reason:
        message = f"cannot read {path}: {' '.join(str(reason).split())}"
        raise error(message) from None
