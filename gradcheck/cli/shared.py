"""What the commands have in common: the engine, exit codes and standard output."""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path

import click
from rich.console import Console

from gradcheck.engines.options import with_options
from gradcheck.table import WIDTH

SPEC_HELP = (
    "module:Class or path/to/file.py:Class, without :Class where only one fits, or a library "
    "such as torch."
)

_options = click.option(
    "--engine-option",
    "engine_options",
    multiple=True,
    metavar="KEY=VALUE",
    help="What looking at the engine does not tell, such as backward=run_back.",
)


ignore_option = click.option(
    "--ignore",
    type=click.Choice(["imprecise"]),
    help="Leave lost digits out of the exit code, up to half of those that a number about 1 has.",
)


_ulps = click.option(
    "--ulps",
    multiple=True,
    metavar="OPERATION=N",
    help="Units in the last place that an operation may lose, such as tanh=16.",
)


def with_engine_options(command: Callable[..., ExitCode]) -> Callable[..., ExitCode]:
    """Give a command ``--engine-option`` and ``--ulps``, and its ``spec`` with these in it."""

    @_options
    @_ulps
    @functools.wraps(command)
    def with_whole_spec(
        *arguments: object,
        spec: str | None,
        engine_options: tuple[str, ...],
        ulps: tuple[str, ...],
        **others: object,
    ) -> ExitCode:
        options = [*engine_options, *(f"ulps.{text}" for text in ulps)]
        if options and spec is None:
            message = "--engine-option and --ulps are for the engine of --engine: give that too"
            raise click.UsageError(message)
        if spec is not None:
            spec = with_options(spec, options)
        return command(*arguments, spec=spec, **others)

    return with_whole_spec


def engine_option(command: Callable[..., ExitCode]) -> Callable[..., ExitCode]:
    """Give a command ``--engine`` and ``--engine-option``, as its ``spec``."""
    option = click.option(
        "--engine",
        "spec",
        default="engine:Value",
        metavar="SPEC",
        help=SPEC_HELP,
        show_default=True,
    )
    return option(with_engine_options(command))


life_option = click.option(
    "--life",
    is_flag=True,
    help="Also call backward() more than once, on graphs and inputs that live on.",
)


REPORTS = Path("reports")
"""Where findings are kept unless said otherwise."""


class ExitCode(IntEnum):
    """How a command ends."""

    NOTHING_FOUND = 0
    FINDINGS = 1
    USAGE = 2
    HARNESS_AT_FAULT = 3
    NOTHING_CHECKED = 4
    INTERRUPTED = 130


def terminal() -> Console:
    """Standard output; wide enough for every table where it is no terminal."""
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = WIDTH
    return console
