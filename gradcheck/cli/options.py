"""Options that several commands take, and the types of their values."""

from __future__ import annotations

import contextlib
import functools
import os
import re
from collections.abc import Callable
from typing import TypeVar

import click

from gradcheck.engines.options import modules_option, with_options
from gradcheck.kind import FAIL_ON

R = TypeVar("R")

T = TypeVar("T")

_SECONDS = {"s": 1, "m": 60, "h": 3600}

_BYTES = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


class Form(click.ParamType[T]):
    """Text of a certain form, and the value that it stands for.

    ``value_of`` gets the match of the pattern, and raises ``ValueError`` for an impossible value.
    ``example`` completes the message "… is not …".
    """

    def __init__(
        self, name: str, pattern: str, value_of: Callable[[re.Match[str]], T], example: str
    ) -> None:
        self.name, self._pattern, self._value_of, self._example = name, pattern, value_of, example

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> T:
        with contextlib.suppress(ValueError):
            if (match := re.fullmatch(self._pattern, value)) is not None:
                return self._value_of(match)
        return self.fail(f"{value!r} is not {self._example}", param, ctx)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not every system knows which cores a process may use
        return os.cpu_count() or 1


def _range_of(match: re.Match[str]) -> tuple[int, int]:
    first, end = int(match[1]), int(match[2])
    if first >= end:
        raise ValueError
    return first, end


DURATION = Form(
    "time",
    r"(?=.*[1-9])(\d+(?:\.\d+)?)([smh])",
    lambda match: float(match[1]) * _SECONDS[match[2]],
    "a time such as 30s, 10m or 8h",
)
"""A time in seconds."""

SIZE = Form(
    "size",
    r"(?=.*[1-9])\s*(\d{1,15}(?:\.\d{1,9})?)([KMGT]?)(?:i?B)?\s*",
    lambda match: int(float(match[1]) * _BYTES[match[2]]),
    "an amount of memory such as 500M or 2G",
)
"""An amount of memory in bytes; a K is 1024 of them."""

WORKERS = Form(
    "n|auto",
    r"auto|(?=.*[1-9])\d{1,4}",
    lambda match: _cores() if match[0] == "auto" else int(match[0]),
    "a number of processes or auto",
)
"""A number of processes; ``auto`` is one for each core that this process may use."""

ADDRESS = Form(
    "address",
    r"(tcp|tls)://[^\s/]+:\d{1,5}",
    lambda match: match[0],
    "an address such as tcp://host:8786",
)
"""The address of a Dask scheduler."""

ROUNDS = Form("a:b", r"(\d{1,12}):(\d{1,12})", _range_of, "a range of rounds such as 0:5000")
"""The numbers of the first round and of the one after the last."""

SPEC_HELP = (
    "module:Class or path/to/file.py:Class, without :Class where only one class fits, or a library "
    "such as torch."
)

ignore_option = click.option(
    "--ignore",
    type=click.Choice(["imprecise"]),
    help="Do not fail on findings that are only a loss of precision.",
)

fail_on_option = click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice(list(FAIL_ON)),
    metavar="WHAT",
    help="Also fail on kink (a gradient that no choice of sides gives), singular (a point where "
    "only the whole formula has a derivative) or depth (a recursion limit). May be repeated.",
)

life_option = click.option(
    "--life",
    is_flag=True,
    help="Also call backward() more than once, on graphs and inputs that are used again.",
)


operations_option = click.option(
    "--operations",
    "modules",
    multiple=True,
    metavar="MODULE",
    help="Module or file that registers your own operations, such as my_ops.py. May be repeated.",
)


def engine_option(command: Callable[..., R]) -> Callable[..., R]:
    """Add ``--engine`` and all that is said about the engine to a command, as its ``spec``."""
    option = click.option(
        "--engine",
        "spec",
        default="engine:Value",
        metavar="SPEC",
        help=f"Engine to check: {SPEC_HELP}",
        show_default=True,
    )
    return option(with_engine_options(with_operations(command)))


def with_operations(command: Callable[..., R]) -> Callable[..., R]:
    """Add ``--operations`` to a command, as part of its ``spec``."""

    @operations_option
    @functools.wraps(command)
    def with_modules(
        *arguments: object, spec: str, modules: tuple[str, ...], **others: object
    ) -> R:
        if modules:
            spec = with_options(spec, [modules_option(modules)])
        return command(*arguments, spec=spec, **others)

    return with_modules


def with_engine_options(command: Callable[..., R]) -> Callable[..., R]:
    """Add ``--engine-option``, ``--operation`` and ``--ulps`` to a command's ``spec``."""

    @click.option(
        "--engine-option",
        "engine_options",
        multiple=True,
        metavar="KEY=VALUE",
        help="Override what was detected, such as backward=run_back. May be repeated.",
    )
    @click.option(
        "--operation",
        "functions",
        multiple=True,
        metavar="NAME=FUNCTION",
        help="Function or method that does an operation, such as tanh=my_ops:my_tanh. May be "
        "repeated.",
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
        functions: tuple[str, ...],
        ulps: tuple[str, ...],
        **others: object,
    ) -> R:
        options = [
            *engine_options,
            *(f"operation.{text}" for text in functions),
            *(f"ulps.{text}" for text in ulps),
        ]
        if options and spec is None:
            message = (
                "--engine-option, --operation and --ulps are for the engine of --engine: "
                "give that too"
            )
            raise click.UsageError(message)
        if spec is not None:
            spec = with_options(spec, options)
        return command(*arguments, spec=spec, **others)

    return with_whole_spec


def with_limits(command: Callable[..., R]) -> Callable[..., R]:
    """Add the limits of an engine to a command, as its ``limits``."""

    @click.option(
        "--case-timeout",
        type=DURATION,
        help="Time limit for one engine run.  [default: 5s, or 20s for a library]",
    )
    @click.option(
        "--memory-limit",
        type=SIZE,
        default="2G",
        show_default=True,
        help="Memory limit for one engine run.",
    )
    @click.option(
        "--import-timeout",
        type=DURATION,
        default="30s",
        show_default=True,
        help="Time limit for the import of the engine's module.",
    )
    @functools.wraps(command)
    def limited(
        *arguments: object,
        case_timeout: float | None,
        memory_limit: int,
        import_timeout: float,
        **others: object,
    ) -> R:
        from gradcheck.engines.isolation.isolated_engine import EngineLimits

        limits = EngineLimits(case_timeout, memory_limit, import_timeout)
        return command(*arguments, limits=limits, **others)

    return limited


def format_option(json_help: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Return a decorator that adds ``--format`` to a command, as its ``output_format``."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(["text", "json"]),
        default="text",
        help=f"Text for people, or {json_help} for programs.",
        show_default=True,
    )
