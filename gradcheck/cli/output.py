"""Shared by the commands: exit codes, consoles, the folder of findings, and lazy imports."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

REPORTS = Path("reports")
"""The folder of findings unless another is named."""


_NO_LIMIT = 10_000
"""Columns of a text that does not go to a terminal."""


class ExitCode(IntEnum):
    """The exit code of a command."""

    NOTHING_FOUND = 0
    FINDINGS = 1
    USAGE = 2
    HARNESS_AT_FAULT = 3
    NOTHING_CHECKED = 4
    INTERRUPTED = 130


def terminal() -> Console:
    """Return standard output; where that is no terminal, no line is too long."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = _NO_LIMIT
    return console


def program() -> str:
    """Return how gradcheck was called: ``gradcheck`` or ``python -m gradcheck``."""
    return click.get_current_context().find_root().command_path


@contextlib.contextmanager
def frozen_imports() -> Iterator[None]:
    """Import within the block, and exclude the modules from garbage collection from then on.

    Modules are never garbage. Going through those of SymPy took a quarter of the time of a short
    command: while they are imported, in each forked child, and once more at the end.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
