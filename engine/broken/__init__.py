"""Broken engines: twins of ``Value``, each with one bug that people really write.

Each is loaded like any engine, as ``engine.broken:counts_square_once``.

>>> from gradcheck.engine.broken import BUGS
>>> BUGS["counts_square_once"].wrong
'The contributions of a*a count once.'
"""

from __future__ import annotations

from . import accumulation, failures, order, partials, precision, rare, values
from .twin import BUGS, Bug, Twin

# Imported because they add their bugs to BUGS.
_FAMILIES = (accumulation, order, partials, values, precision, failures, rare)

__all__ = ["BUGS", "Bug", "Twin"]


def __getattr__(name: str) -> type[Twin]:
    if name in BUGS:
        return BUGS[name].engine
    message = f"there is no planted bug {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return [*__all__, *BUGS]
