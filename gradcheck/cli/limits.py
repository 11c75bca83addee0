"""What an engine may take, as options, and how a command lives through one that takes more."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TypeVar

import click

from gradcheck.adapters.apart import EngineLimits
from gradcheck.adapters.child import Ended, Limits, can_fork, in_child
from gradcheck.adapters.engine import Engine
from gradcheck.adapters.loading import EngineLoadError, load_engine
from gradcheck.adapters.loading_apart import SECONDS_AT_A_STANDSTILL, CannotBeApartError, load_apart
from gradcheck.adapters.standstill import ends_at_a_standstill

T = TypeVar("T")
R = TypeVar("R")

Load = Callable[[str], Engine]
"""From a spec to an engine."""

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


class Seconds(click.ParamType[float]):
    """A time such as 5s, 0.2s or 2m, in seconds; without a letter it is seconds, too."""

    name = "time"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smh]?)", value)
        if match is None or not float(match[1]):
            self.fail(f"{value!r} is not a time such as 5s, 0.2s or 2m", param, ctx)
        return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


class Size(click.ParamType[int]):
    """An amount of memory such as 500M or 2G, in bytes; a K is 1024 of them."""

    name = "size"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,9})?)([KMGT]?)(?:i?B)?", value.strip())
        if match is None or not float(match[1]):
            self.fail(f"{value!r} is not an amount of memory such as 500M or 2G", param, ctx)
        return int(float(match[1]) * _UNITS[match[2]])


def with_limits(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command ``--case-timeout`` and ``--memory-limit``, as its ``limits``."""

    @click.option(
        "--case-timeout",
        type=Seconds(),
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
        return load_apart(spec, seconds=limits.seconds, memory=limits.memory)

    def watched() -> T:
        with ends_at_a_standstill(SECONDS_AT_A_STANDSTILL + (limits.seconds or 0.0)):
            return work(load)

    if not can_fork():
        return work(load)
    done = in_child(watched, Limits(seconds=None, memory=limits.memory), quiet=False)
    if not isinstance(done, Ended):
        return done
    try:
        return work(load_with_care)
    except CannotBeApartError as error:
        message = f"the engine ended its process by {done.error}, {done.message}: {error}"
        raise EngineLoadError(message) from None
