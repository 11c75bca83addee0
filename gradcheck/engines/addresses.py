"""Other addresses in memory for an engine's objects, for what depends on them."""

from __future__ import annotations

import random
from collections.abc import Iterator

_SIZES = [*range(1, 480, 16)] * 3
"""Sizes, in bytes, of the memory blocks that Python gives to small objects."""


def at_other_addresses(times: int) -> Iterator[int]:
    """Yield the numbers below ``times``; the objects made after each get other addresses.

    An engine that keeps nodes in a set goes through them in the order of their addresses. Memory
    blocks that are kept until the next number leave random gaps for the nodes. The gaps are the
    same ones every time.
    """
    source = random.Random(0)  # noqa: S311 - to leave gaps, not to hide anything
    for number in range(times):
        blocks = [*map(bytes, _SIZES)]
        source.shuffle(blocks)
        kept = blocks[::2]
        del blocks[:]
        yield number
        del kept
