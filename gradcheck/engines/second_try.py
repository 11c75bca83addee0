"""A second try for a run that took too long, which a garbage collection may have delayed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TypeVar

from gradcheck.engines.faults import Fault

_HAS_HUNG = ContextVar("_HAS_HUNG", default=False)

T = TypeVar("T")


def with_second_try(run: Callable[[], T]) -> T:
    """Return the result of a run, or of a second one if the first took too long.

    A result that took too long is a fault, or has one as its ``fault``.
    """
    result = run()
    fault: object = result if isinstance(result, Fault) else getattr(result, "fault", None)
    is_hang = isinstance(fault, Fault) and fault.is_hang
    return run() if is_hang and not _HAS_HUNG.get() else result


@contextlib.contextmanager
def single_tries_after(fault: Fault | None) -> Iterator[None]:
    """Leave out second tries within the block if the fault is a hang, as each costs seconds."""
    before = _HAS_HUNG.set(fault is not None and fault.is_hang)
    try:
        yield
    finally:
        _HAS_HUNG.reset(before)
