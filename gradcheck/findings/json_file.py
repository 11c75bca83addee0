"""JSON files from anywhere, of which nothing is believed."""

from __future__ import annotations

import json
from pathlib import Path

from gradcheck.findings.encoding import Data

LARGEST = 10 * 2**20
"""Bytes. The case file of an expression with 10,000 operations is a tenth of that."""


_MOST_DIGITS = 400
"""Of a whole number: the largest float has 309."""


def load(path: Path) -> Data:
    """What a file holds. Raises ``ValueError``, which says what is wrong, and ``OSError``."""
    if path.resolve().parent != path.parent.resolve():
        message = "it is a link that leads out of its folder"
        raise ValueError(message)
    size = path.stat().st_size
    if size > LARGEST:
        message = f"it has {size:,} bytes, and {LARGEST:,} are the most"
        raise ValueError(message)
    try:
        text = path.read_text(encoding="utf-8")
        data: Data = json.loads(text, parse_constant=_no_number, parse_int=_whole_number)
        # Half of a surrogate pair, which no terminal and no file has a place for, is a ValueError.
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        message = f"it is not whole, or not JSON ({error})"
        raise ValueError(message) from None
    except RecursionError:
        message = "it is nested too deeply"
        raise ValueError(message) from None
    return data


def _whole_number(digits: str) -> int:
    """A whole number of no more digits than any that is written here."""
    if len(digits) > _MOST_DIGITS:
        message = f"a whole number has {len(digits)} digits"
        raise ValueError(message)
    return int(digits)


def _no_number(name: str) -> Data:
    message = f"{name} is not a number that JSON has"
    raise ValueError(message)
