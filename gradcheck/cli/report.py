"""``gradcheck report``: all findings on one page."""

from __future__ import annotations

from pathlib import Path

import click

from gradcheck.cli.output import REPORTS, ExitCode


@click.command("report")
@click.argument("folder", default=REPORTS, type=click.Path(path_type=Path, file_okay=False))
def report_command(folder: Path) -> ExitCode:
    """Rebuild the HTML page of all findings.

    The page is index.html in FOLDER, reports/ by default. A fuzz run makes it too; this is for
    findings that were copied or deleted since.
    """
    from gradcheck.findings.gallery.page import write_gallery

    if not folder.is_dir():
        message = f"there is no folder {folder}; name the one that holds the findings"
        raise click.UsageError(message)
    click.echo(write_gallery(folder).as_posix())
    return ExitCode.NOTHING_FOUND
