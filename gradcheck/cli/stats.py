"""``python -m gradcheck stats``: how far a run has come, whether it goes on or not."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gradcheck.cli.shared import REPORTS, ExitCode, terminal
from gradcheck.fuzz.reporters.terminal import summary
from gradcheck.fuzz.saved_run import read_run


@click.command("stats")
@click.argument("folder", default=REPORTS, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    help="For people, or JSON.",
    show_default=True,
)
def stats_command(folder: Path, output_format: str) -> ExitCode:
    """Say how far the run has come that is kept in FOLDER, reports/ unless given."""
    saved = read_run(folder)
    if output_format == "json":
        both = {"asked": saved.asked, "stats": saved.stats}
        click.echo(json.dumps(both, indent=2, ensure_ascii=False))
        return ExitCode.NOTHING_FOUND
    lines = [
        f"A run of {saved.engine}: {saved.status} after {saved.state.seconds:.1f} s, "
        f"as of {saved.updated:%Y-%m-%d %H:%M:%S} UTC.",
        *summary(saved.state, saved.places),
    ]
    for line in lines:
        terminal().print(line)
    return ExitCode.NOTHING_FOUND
