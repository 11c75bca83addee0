"""What the commands have in common: the engine, exit codes and standard output."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path

import click
from rich.console import Console

from gradcheck.table import WIDTH

engine_option = click.option(
    "--engine",
    "spec",
    default="engine:Value",
    metavar="SPEC",
    help="module:Class or path/to/file.py:Class.",
    show_default=True,
)


ignore_option = click.option(
    "--ignore",
    type=click.Choice(["imprecise"]),
    help="Leave lost digits out of the exit code, up to half of those that a number about 1 has.",
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
