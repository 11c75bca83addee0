"""``gradcheck show``: a saved finding in the terminal."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from gradcheck.cli.output import ExitCode, program, terminal


@click.command("show")
@click.argument("finding", type=click.Path(path_type=Path))
def show_command(finding: Path) -> ExitCode:
    """Print a finding as it was saved, without running the engine.

    FINDING is its folder or its case.json.
    """
    from gradcheck.findings.case_file import read_finding
    from gradcheck.table import render

    saved = read_finding(finding)
    folder = saved.path.parent
    console = terminal()
    console.print(render(saved.smallest))
    if saved.worst.case != saved.smallest.case:
        console.print("\nThe worst case that was seen:")
        console.print(render(saved.worst))
    console.print()
    console.print(saved.sightings)
    console.print(f"Check it again: {program()} replay {shlex.quote(folder.as_posix())}")
    console.print(f"Without gradcheck: python {shlex.quote((folder / 'repro.py').as_posix())}")
    return ExitCode.NOTHING_FOUND
