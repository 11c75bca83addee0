"""A place to try something out on an engine: quiet, and not for long."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from typing import TypeVar

from gradcheck.adapters.engine import HangError
from gradcheck.adapters.time_limit import time_limit

T = TypeVar("T")

_SECONDS = 0.5
"""An experiment is done in microseconds."""

_PATIENCE = 5.0


@contextlib.contextmanager
def laboratory() -> Iterator[None]:
    """Drop what is printed and warned of within, and raise ``HangError`` where it takes long."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
        time_limit(_SECONDS, patience=_PATIENCE),
    ):
        warnings.simplefilter("ignore")
        yield


def outcome(experiment: Callable[[], T]) -> T | None:
    """What an experiment gives, ``None`` where it fails, whatever the engine raises.

    Only a ``HangError`` is passed on: where something hangs, nothing more should be tried.
    """
    try:
        with laboratory():
            return experiment()
    except (KeyboardInterrupt, HangError):
        raise
    except BaseException:  # noqa: BLE001 - whatever an engine raises tells that it does not work
        return None


def class_of(make: Callable[..., object]) -> type:
    """The class of the objects that something makes."""
    if isinstance(make, type):
        return make
    with contextlib.suppress(HangError):
        return outcome(lambda: type(make(1.0))) or object
    return object
