"""Other addresses in memory for an engine's objects, for what depends on them."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator

_SIZES = [*range(1, 480, 16)] * 3
"""Sizes, in bytes, of the memory blocks that Python gives to small objects."""


@contextlib.contextmanager
def other_addresses(draw: random.Random) -> Iterator[None]:
    """Give the objects that are made within the block other addresses.

    An engine that keeps nodes in a set goes through them in the order of their addresses. Memory
    blocks that are kept within the block leave random gaps for the nodes.
    """
    blocks = [*map(bytes, _SIZES)]
    draw.shuffle(blocks)
    kept = blocks[::2]
    del blocks[:]
    yield
    del kept


def address_shuffler() -> random.Random:
    """Return a source of random numbers for ``other_addresses``, the same one every time."""
    return random.Random(0)  # noqa: S311 - to leave gaps, not to hide anything
