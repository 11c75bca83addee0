"""``python -m gradcheck show``: a finding in the terminal."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from gradcheck.cli.shared import ExitCode, terminal
from gradcheck.findings.reading import SavedFinding, read_finding
from gradcheck.table import render


@click.command("show")
@click.argument("finding", type=click.Path(path_type=Path))
def show_command(finding: Path) -> ExitCode:
    """Show a FINDING, a folder or its case.json, as it was when it was saved. Nothing is run."""
    saved = read_finding(finding)
    console = terminal()
    console.print(render(saved.smallest))
    if saved.worst.case != saved.smallest.case:
        console.print("\nThe worst case that was seen:")
        console.print(render(saved.worst))
    for line in _about(saved):
        console.print(line)
    return ExitCode.NOTHING_FOUND


def _about(saved: SavedFinding) -> list[str]:
    """When it was seen, and what can be done with it."""
    folder = saved.path.parent
    return [
        "",
        saved.sightings,
        f"Judge it again: python -m gradcheck replay {shlex.quote(folder.as_posix())}",
        f"Without gradcheck: python {shlex.quote((folder / 'repro.py').as_posix())}",
    ]
