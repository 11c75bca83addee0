"""``gradcheck stats``: how far a run has come."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gradcheck.cli.options import format_option
from gradcheck.cli.output import REPORTS, ExitCode, terminal


@click.command("stats")
@click.argument("folder", default=REPORTS, type=click.Path(path_type=Path, file_okay=False))
@format_option("one JSON object")
def stats_command(folder: Path, output_format: str) -> ExitCode:
    """Show what a run has checked and found so far.

    FOLDER is the one that the run is saved in, reports/ by default. The run may still be going on.
    """
    from gradcheck.fuzz.reporters.terminal import summary
    from gradcheck.fuzz.saved_run import read_run

    saved = read_run(folder)
    if output_format == "json":
        both = {"asked": saved.asked, "stats": saved.stats}
        click.echo(json.dumps(both, indent=2, ensure_ascii=False))
        return ExitCode.NOTHING_FOUND
    console = terminal()
    console.print(
        f"A run of {saved.engine}: {saved.status} after {saved.state.seconds:.1f} s, "
        f"as of {saved.updated:%Y-%m-%d %H:%M:%S} UTC."
    )
    for line in summary(saved.state, saved.places):
        console.print(line)
    return ExitCode.NOTHING_FOUND
