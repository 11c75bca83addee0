"""How often progress is told where nobody looks at a live screen."""

from __future__ import annotations

import time
from collections.abc import Callable

SECONDS_BETWEEN_LINES = 5.0


def every(seconds: float) -> Callable[[], bool]:
    """A function that says yes at first, and then when so many seconds have passed since it did."""
    due = time.monotonic()

    def is_due() -> bool:
        nonlocal due
        if time.monotonic() < due:
            return False
        due = time.monotonic() + seconds
        return True

    return is_due
