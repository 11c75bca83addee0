"""``gradcheck grade``: grade a folder of engines, each isolated."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from gradcheck.cli.options import DURATION, SIZE, WORKERS
from gradcheck.cli.output import REPORTS, ExitCode, terminal

if TYPE_CHECKING:
    from gradcheck.grade.results import Graded
    from gradcheck.grade.scheduler import Running


@click.command("grade")
@click.argument("places", nargs=-1, required=True, metavar="PATHS...")
@click.option(
    "--time-limit",
    "seconds",
    type=DURATION,
    default="60s",
    show_default=True,
    help="Time limit for each engine, the import included.",
)
@click.option(
    "--memory-limit",
    "memory",
    type=SIZE,
    default="2G",
    show_default=True,
    help="Memory limit for each engine.",
)
@click.option(
    "--workers",
    type=WORKERS,
    default="auto",
    show_default=True,
    help="Number of engines to grade at a time; auto is one per core.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, file_okay=False),
    default=REPORTS / "grade",
    show_default=True,
    help="Folder for the results, the page and the findings.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "csv", "json", "html"]),
    default="table",
    show_default=True,
    help="A table for people, CSV or JSON for programs, or the path of the page.",
)
def grade_command(
    places: tuple[str, ...],
    seconds: float,
    memory: int,
    workers: int,
    report: Path,
    output_format: str,
) -> ExitCode:
    """Grade engines in files, folders and notebooks, each on its own.

    PATHS are files, folders, and patterns such as 'students/*.py'. Each engine runs in a sandbox of
    its own. Started again, the command grades only what has no result yet or has changed.
    """
    from gradcheck.cli.last_resort import Deadline
    from gradcheck.cli.long_run import stop_requests
    from gradcheck.grade.page import write_page
    from gradcheck.grade.results import Graded, Status
    from gradcheck.grade.scheduler import Limits, grade_all
    from gradcheck.grade.submissions import find_submissions

    submissions = find_submissions(places, besides=report)
    limits = Limits(seconds, memory)
    results: list[Graded] = []
    with stop_requests(None, Deadline()) as stopped, _Progress(len(submissions)) as progress:
        for event in grade_all(submissions, limits, report, workers=workers, stopped=stopped):
            if isinstance(event, Graded):
                results.append(event)
            progress(event)
        interrupted = stopped()
    results.sort(key=lambda graded: graded.name)
    report.mkdir(parents=True, exist_ok=True)
    page = write_page(results, report)
    _show(results, output_format, page)
    if interrupted:
        click.echo("Stopped: the same command goes on from here.", err=True)
        return ExitCode.INTERRUPTED
    is_right = all(graded.result.status is Status.RIGHT for graded in results)
    return ExitCode.NOTHING_FOUND if is_right else ExitCode.FINDINGS


def _show(results: list[Graded], output_format: str, page: Path) -> None:
    from gradcheck.grade.summary import as_csv, as_json, counts, table

    match output_format:
        case "csv":
            sys.stdout.write(as_csv(results))
        case "json":
            sys.stdout.write(as_json(results))
        case "html":
            click.echo(page)
        case _:
            console = terminal()
            console.print(table(results, console), soft_wrap=False)
            console.print(f"\n{counts(results)}.\nPage: {page}", style="bold")
            for door in sorted({door for each in results for door in each.result.open_doors}):
                console.print(f"Not kept out: {door}.")


class _Progress(contextlib.AbstractContextManager["_Progress"]):
    """Lines on standard error as engines are graded; on a terminal also what is running."""

    def __init__(self, total: int) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._live = Live(console=self._console, transient=True, refresh_per_second=4)
        self._done, self._total = 0, total

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def __call__(self, event: Graded | Running) -> None:
        """Show an event."""
        from gradcheck.grade.results import Graded
        from gradcheck.grade.summary import line, running

        if isinstance(event, Graded):
            self._done += 1
            self._total = max(self._total, self._done)
            self._console.print(f"[{self._done}/{self._total}]", line(event))
        elif self._console.is_terminal:
            self._live.update(running(event))
