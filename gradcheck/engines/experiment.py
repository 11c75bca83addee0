"""Experiments on an engine: quiet, within a time limit, and harmless if they fail."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import TypeVar

from gradcheck.engines.isolation.child_process import Ended, Limits, can_fork, in_child
from gradcheck.engines.time_limit import HangError, time_limit

T = TypeVar("T")

_SECONDS = 0.5
"""Computing time for an experiment, which takes microseconds."""

_PATIENCE = 5.0
"""Waiting time for an experiment, in seconds."""

_MEMORY = 2**28
"""Bytes for an experiment that is tried in a child first; it needs hardly any."""


class Mode(Enum):
    """The place of experiments: here, in a child process first, or nowhere."""

    HERE = auto()
    CHILD_FIRST = auto()
    SKIP = auto()


class _Current:
    """The mode in use."""

    mode = Mode.HERE


@contextlib.contextmanager
def experiments(mode: Mode) -> Iterator[None]:
    """Make the experiments within the block in another mode."""
    before, _Current.mode = _Current.mode, mode
    try:
        yield
    finally:
        _Current.mode = before


def outcome(experiment: Callable[[], T]) -> T | None:
    """Return the result of an experiment, or ``None`` if it fails, whatever the engine raises.

    What it prints or warns of is dropped. With ``Mode.CHILD_FIRST`` an experiment that ends its
    child process has failed, and is not repeated here. Raises ``HangError``, because nothing more
    should be tried on an engine that hangs.
    """
    if _Current.mode is Mode.SKIP:
        return None
    if _Current.mode is Mode.CHILD_FIRST and (ended := _ended(experiment)) is not None:
        if ended.error == HangError.__name__:
            raise HangError(ended.message, limit=ended.limit)
        return None
    try:
        with _quiet(), time_limit(_SECONDS, patience=_PATIENCE):
            return experiment()
    except (KeyboardInterrupt, HangError):
        raise
    except BaseException:  # noqa: BLE001 - whatever an engine raises, the experiment has failed
        return None


def outcome_apart(experiment: Callable[[], T]) -> T | None:
    """Return the result of an experiment that may leave the engine in disorder, such as a tape.

    So it is made in a child process. The result has to be picklable; it is ``None`` where the
    experiment fails or ends its process, and where the system cannot fork one.
    """
    if _Current.mode is Mode.SKIP or not can_fork():
        return None
    with contextlib.suppress(Exception):
        result = in_child(experiment, Limits(_PATIENCE, _MEMORY))
        return None if isinstance(result, Ended) else result
    return None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Drop what is printed and warned of within the block."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


def _ended(experiment: Callable[[], object]) -> Ended | None:
    """Return how an experiment ends its child process, ``None`` if it returns or raises."""

    def run() -> None:
        with contextlib.suppress(Exception):
            experiment()

    return in_child(run, Limits(_PATIENCE, _MEMORY))


def class_of(make: Callable[..., object]) -> type:
    """Return the class of the objects that ``make`` makes, ``object`` if it makes none."""
    if isinstance(make, type):
        return make
    with contextlib.suppress(HangError):
        return outcome(lambda: type(make(1.0))) or object
    return object
