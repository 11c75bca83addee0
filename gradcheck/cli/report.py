"""``python -m gradcheck report``: all findings on one page."""

from __future__ import annotations

from pathlib import Path

import click

from gradcheck.cli.shared import REPORTS, ExitCode, terminal
from gradcheck.findings.gallery import write_gallery


@click.command("report")
@click.argument("folder", default=REPORTS, type=click.Path(path_type=Path, file_okay=False))
def report_command(folder: Path) -> ExitCode:
    """Make index.html of the findings below FOLDER, reports/ unless given.

    A run of fuzz does so by itself; this is for findings that were copied, or are gone.
    """
    if not folder.is_dir():
        message = f"there is no folder {folder}; name the one that findings are kept in"
        raise click.UsageError(message)
    terminal().print(write_gallery(folder).as_posix())
    return ExitCode.NOTHING_FOUND
