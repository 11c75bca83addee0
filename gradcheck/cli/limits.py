"""What an engine may take, as options, and how a command lives through one that takes more."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar

import click

from gradcheck.cli.parameter_types import Duration, Size
from gradcheck.engines.isolation.child_process import Ended, Limits, can_fork, in_child
from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.engines.isolation.loading import (
    CannotIsolateError,
    load_isolated,
    seconds_until_stuck,
)
from gradcheck.engines.isolation.watchdog import exit_when_stuck
from gradcheck.engines.loading import EngineLoadError, load_engine
from gradcheck.engines.protocol import Engine

T = TypeVar("T")
R = TypeVar("R")

Load = Callable[[str], Engine]
"""From a spec to an engine."""


def with_limits(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command ``--case-timeout`` and ``--memory-limit``, as its ``limits``."""

    @click.option(
        "--case-timeout",
        type=Duration(),
        help="How long the engine may take for a case.  [default: 5s, or 20s for a library]",
    )
    @click.option(
        "--memory-limit",
        type=Size(),
        default="2G",
        show_default=True,
        help="How much memory it may take for that.",
    )
    @functools.wraps(command)
    def limited(
        *arguments: object, case_timeout: float | None, memory_limit: int, **others: object
    ) -> R:
        limits = EngineLimits(case_timeout, memory_limit)
        return command(*arguments, limits=limits, **others)

    return limited


def surviving(work: Callable[[Load], T], limits: EngineLimits) -> T:
    """What work with an engine gives, whatever the engine does to the process that it is in.

    It is done in a child, which may print. If that does not come to an end, it is done once more,
    with each run of the engine in a child of its own. Raises ``EngineLoadError`` where that
    cannot be done.
    """

    def load(spec: str) -> Engine:
        return load_engine(spec, seconds=limits.seconds)

    def load_with_care(spec: str) -> Engine:
        return load_isolated(spec, seconds=limits.seconds, memory=limits.memory)

    def watched() -> T:
        with exit_when_stuck(seconds_until_stuck(limits)):
            return work(load)

    if not can_fork():
        return work(load)
    done = in_child(watched, Limits(seconds=None, memory=limits.memory), quiet=False)
    if not isinstance(done, Ended):
        return done
    try:
        return work(load_with_care)
    except CannotIsolateError as error:
        message = f"the engine ended its process by {done.error}, {done.message}: {error}"
        raise EngineLoadError(message) from None
