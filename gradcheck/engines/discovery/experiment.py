"""A place to try something out on an engine: quiet, and not for long."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import TypeVar

from gradcheck.engines.isolation.child_process import Ended, Limits, in_child
from gradcheck.engines.protocol import HangError
from gradcheck.engines.time_limit import time_limit

T = TypeVar("T")

_SECONDS = 0.5
"""An experiment is done in microseconds."""

_PATIENCE = 5.0

_MEMORY = 2**28
"""Bytes. An experiment needs hardly any."""


class ExperimentMode(Enum):
    """What is done with experiments: they are made, or in a child first, or not at all."""

    NORMAL = auto()
    ISOLATED = auto()
    SKIPPED = auto()


class _Current:
    """What is done with experiments now."""

    kind = ExperimentMode.NORMAL


@contextlib.contextmanager
def experiment_mode(kind: ExperimentMode) -> Iterator[None]:
    """Do something else with the experiments that are asked for within the block."""
    before, _Current.kind = _Current.kind, kind
    try:
        yield
    finally:
        _Current.kind = before


@contextlib.contextmanager
def quiet_and_timed() -> Iterator[None]:
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

    Only a ``HangError`` is passed on: where something hangs, nothing more should be tried. An
    experiment that ends a child fails, and is not made here.
    """
    if _Current.kind is ExperimentMode.SKIPPED:
        return None
    if _Current.kind is ExperimentMode.ISOLATED and (ended := _ended(experiment)) is not None:
        if ended.error == HangError.__name__:
            raise HangError(ended.message, limit=ended.limit)
        return None
    try:
        with quiet_and_timed():
            return experiment()
    except (KeyboardInterrupt, HangError):
        raise
    except BaseException:  # noqa: BLE001 - whatever an engine raises tells that it does not work
        return None


def _ended(experiment: Callable[[], object]) -> Ended | None:
    """How an experiment ends a process, if it does."""

    def experiment_alone() -> None:
        with contextlib.suppress(Exception):
            experiment()

    return in_child(experiment_alone, Limits(_PATIENCE, _MEMORY))


def class_of(make: Callable[..., object]) -> type:
    """The class of the objects that something makes."""
    if isinstance(make, type):
        return make
    with contextlib.suppress(HangError):
        return outcome(lambda: type(make(1.0))) or object
    return object
