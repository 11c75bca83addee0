"""Run a command's work in a child process, which an engine under test may end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

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

LoadEngine = Callable[[str], Engine]
"""Makes an engine of a spec."""


def run_isolated(work: Callable[[LoadEngine], T], limits: EngineLimits) -> T:
    """Return the result of work that loads and runs an engine, whatever the engine does.

    The work is done in a child process, which may print. If the engine ends that process, the work
    is done once more, with each run of the engine in a child process of its own. Import what the
    work needs beforehand, or both processes import it. Raises ``EngineLoadError`` if the engine
    ended its process and cannot be isolated.
    """

    def load(spec: str) -> Engine:
        return load_engine(spec, seconds=limits.seconds)

    def watched() -> T:
        with exit_when_stuck(seconds_until_stuck(limits)):
            return work(load)

    if not can_fork():
        return work(load)
    done = in_child(watched, Limits(seconds=None, memory=limits.memory), quiet=False)
    if not isinstance(done, Ended):
        return done
    try:
        return work(lambda spec: load_isolated(spec, seconds=limits.seconds, memory=limits.memory))
    except CannotIsolateError as error:
        message = f"the engine ended its process by {done.error}, {done.message}: {error}"
        raise EngineLoadError(message) from None
