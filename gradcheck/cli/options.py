"""Options that several commands take, and the types of their values."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from typing import TypeVar

import click

from gradcheck.engines.options import with_options

R = TypeVar("R")

_SECONDS = {"s": 1, "m": 60, "h": 3600}

_BYTES = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


class Duration(click.ParamType[float]):
    """A time such as 0.2s, 10m or 8h, in seconds."""

    name = "time"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", value)
        if match is None or not float(match[1]):
            self.fail(f"{value!r} is not a time such as 30s, 10m or 8h", param, ctx)
        return float(match[1]) * _SECONDS[match[2]]


class Size(click.ParamType[int]):
    """An amount of memory such as 500M or 2G, in bytes; a K is 1024 of them."""

    name = "size"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,9})?)([KMGT]?)(?:i?B)?", value.strip())
        if match is None or not float(match[1]):
            self.fail(f"{value!r} is not an amount of memory such as 500M or 2G", param, ctx)
        return int(float(match[1]) * _BYTES[match[2]])


class Workers(click.ParamType[int]):
    """A number of processes, or ``auto``: one for each core that this process may use."""

    name = "n|auto"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if value == "auto":
            return _cores()
        if not re.fullmatch(r"\d{1,4}", value) or not int(value):
            self.fail(f"{value!r} is neither a number of processes nor auto", param, ctx)
        return int(value)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not every system knows which cores a process may use
        return os.cpu_count() or 1


class Address(click.ParamType[str]):
    """The address of a Dask scheduler, such as tcp://host:8786."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not re.fullmatch(r"(tcp|tls)://[^\s/]+:\d{1,5}", value):
            self.fail(f"{value!r} is not an address such as tcp://host:8786", param, ctx)
        return value


class Rounds(click.ParamType[tuple[int, int]]):
    """The numbers of the first round and of the one after the last, such as 0:5000."""

    name = "a:b"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        match = re.fullmatch(r"(\d{1,12}):(\d{1,12})", value)
        if match is None or int(match[1]) >= int(match[2]):
            self.fail(f"{value!r} is not a range of rounds such as 0:5000", param, ctx)
        return int(match[1]), int(match[2])


SPEC_HELP = (
    "module:Class or path/to/file.py:Class, without :Class where only one class fits, or a library "
    "such as torch."
)

ignore_option = click.option(
    "--ignore",
    type=click.Choice(["imprecise"]),
    help="Do not fail on findings that are only a loss of precision.",
)

life_option = click.option(
    "--life",
    is_flag=True,
    help="Also call backward() more than once, on graphs and inputs that are used again.",
)


def engine_option(command: Callable[..., R]) -> Callable[..., R]:
    """Add ``--engine``, ``--engine-option`` and ``--ulps`` to a command, as its ``spec``."""
    option = click.option(
        "--engine",
        "spec",
        default="engine:Value",
        metavar="SPEC",
        help=f"Engine to check: {SPEC_HELP}",
        show_default=True,
    )
    return option(with_engine_options(command))


def with_engine_options(command: Callable[..., R]) -> Callable[..., R]:
    """Add ``--engine-option`` and ``--ulps`` to a command, as part of its ``spec``."""

    @click.option(
        "--engine-option",
        "engine_options",
        multiple=True,
        metavar="KEY=VALUE",
        help="Override what was detected, such as backward=run_back. May be repeated.",
    )
    @click.option(
        "--ulps",
        multiple=True,
        metavar="OPERATION=N",
        help="Rounding error to allow an operation, in units in the last place, such as tanh=16. "
        "May be repeated.",
    )
    @functools.wraps(command)
    def with_whole_spec(
        *arguments: object,
        spec: str | None,
        engine_options: tuple[str, ...],
        ulps: tuple[str, ...],
        **others: object,
    ) -> R:
        options = [*engine_options, *(f"ulps.{text}" for text in ulps)]
        if options and spec is None:
            message = "--engine-option and --ulps are for the engine of --engine: give that too"
            raise click.UsageError(message)
        if spec is not None:
            spec = with_options(spec, options)
        return command(*arguments, spec=spec, **others)

    return with_whole_spec


def with_limits(command: Callable[..., R]) -> Callable[..., R]:
    """Add ``--case-timeout`` and ``--memory-limit`` to a command, as its ``limits``."""

    @click.option(
        "--case-timeout",
        type=Duration(),
        help="Time limit for one engine run.  [default: 5s, or 20s for a library]",
    )
    @click.option(
        "--memory-limit",
        type=Size(),
        default="2G",
        show_default=True,
        help="Memory limit for one engine run.",
    )
    @functools.wraps(command)
    def limited(
        *arguments: object, case_timeout: float | None, memory_limit: int, **others: object
    ) -> R:
        from gradcheck.engines.isolation.isolated_engine import EngineLimits

        return command(*arguments, limits=EngineLimits(case_timeout, memory_limit), **others)

    return limited


def format_option(json_help: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Return what adds ``--format`` to a command, as its ``output_format``."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(["text", "json"]),
        default="text",
        help=f"Text for people, or {json_help} for programs.",
        show_default=True,
    )
