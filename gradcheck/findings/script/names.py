"""The names of the inputs in a script."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from itertools import count

OWN_NAMES = (
    *("f", "importlib", "out", "print", "slope", "sys", "__debug__", "float", "int", "isinstance"),
    *("before", "child", "faulthandler", "os", "resource", "signal", "taken"),
)
"""What a script calls things that are no input."""


def identifiers(inputs: Sequence[str], *, taken: set[str]) -> list[str]:
    """The names of the inputs as far as Python allows them, and others where it does not."""
    fresh = (name for i in count() if (name := f"x{i}") not in {*taken, *inputs})
    return [name if _is_usable(name) and name not in taken else next(fresh) for name in inputs]


def _is_usable(name: str) -> bool:
    """Whether a name is one in Python, in plain letters, and none that a part may get."""
    is_name = name.isidentifier() and name.isascii() and not keyword.iskeyword(name)
    return is_name and not re.fullmatch(r"n_*\d+", name)
