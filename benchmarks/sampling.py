"""Where a program's time goes, by looking at its stack every few milliseconds that it computes."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_EVERY = 0.001
"""Seconds; a system may look less often."""

Where = tuple[str, str]
"""A module's name and a function's."""


@contextmanager
def sampled(part_of: Callable[[list[Where]], str]) -> Iterator[Counter[str]]:
    """Count within the block how often each part was at work; ``part_of`` tells it by the stack."""
    counts: Counter[str] = Counter()

    def look(_number: int, frame: FrameType | None) -> None:
        stack = []
        while frame is not None:
            stack.append((frame.f_globals.get("__name__", ""), frame.f_code.co_name))
            frame = frame.f_back
        counts[part_of(stack)] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)
    try:
        yield counts
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)
