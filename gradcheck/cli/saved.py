"""``replay``, ``show``, ``stats`` and ``report``: what earlier runs have saved."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from gradcheck.cli.isolate import isolate_option, with_isolation
from gradcheck.cli.options import (
    SPEC_HELP,
    format_option,
    operations_option,
    with_engine_options,
    with_limits,
)
from gradcheck.cli.output import REPORTS, ExitCode, frozen_imports, program, terminal

if TYPE_CHECKING:
    from gradcheck.engines.isolation.isolated_engine import EngineLimits


@click.command("replay")
@with_isolation
@click.argument("findings", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--engine",
    "spec",
    metavar="SPEC",
    help=f"Check this engine instead of the one in the file: {SPEC_HELP}",
)
@with_engine_options
@operations_option
@isolate_option
@with_limits
def replay_command(
    findings: tuple[Path, ...], spec: str | None, modules: tuple[str, ...], *, limits: EngineLimits
) -> ExitCode:
    """Check saved findings again.

    FINDINGS are folders or case.json files; without any, all findings below reports/ are checked.
    Each is FIXED, STILL THERE or CANNOT RUN; the exit code is 0, 1 or 2, that of the worst.
    An engine gets the limit that it exceeded in a finding, unless you give another one.
    """
    with frozen_imports():
        from gradcheck.engines.isolation.loading import run_isolated
        from gradcheck.findings.case_file import saved_findings
        from gradcheck.findings.replay import ReplayOutcome, replay, replay_line, replay_summary
        from gradcheck.table import Prose

    paths: list[Path] = []
    for finding in findings or (REPORTS,):
        below = saved_findings(finding)
        paths += below if below or finding == REPORTS else [finding]
    if not paths:
        message = f"there are no findings below {REPORTS}/; name a folder or a case.json"
        raise click.UsageError(message)
    console = terminal()
    outcomes: list[ReplayOutcome] = []
    for path in paths:
        work = partial(replay, path, spec, modules=modules)
        result = run_isolated(work, _limits_for(path, limits))
        outcomes.append(result.outcome)
        line = replay_line(result, path.parent if path.name == "case.json" else path)
        console.print(Prose(line))
    console.print(replay_summary(outcomes))
    return ExitCode(max(outcome.gravity for outcome in outcomes))


def _limits_for(path: Path, limits: EngineLimits) -> EngineLimits:
    """Return the limits for a finding: that which the engine exceeded, unless it is given."""
    from gradcheck.findings.case_file import CaseFileError, read_finding
    from gradcheck.findings.replay import with_limit_of

    try:
        limits_then = with_limit_of(read_finding(path).smallest, limits)
    except CaseFileError:  # which the replay tells
        return limits
    source = click.get_current_context().get_parameter_source
    kept = {
        name: getattr(limits, name)
        for name, option in (("seconds", "case_timeout"), ("memory", "memory_limit"))
        if source(option) is ParameterSource.COMMANDLINE
    }
    return replace(limits_then, **kept)


@click.command("show")
@click.argument("finding", type=click.Path(path_type=Path))
def show_command(finding: Path) -> ExitCode:
    """Print a finding as it was saved, without running the engine.

    FINDING is its folder or its case.json.
    """
    from gradcheck.findings.case_file import read_finding
    from gradcheck.table import Prose, plain, render

    saved = read_finding(finding)
    folder = saved.path.parent
    console = terminal()
    console.print(render(saved.smallest))
    if saved.worst.case != saved.smallest.case:
        console.print("\nThe worst case that was seen:")
        console.print(render(saved.worst))
    console.print()
    console.print(Prose(plain(saved.sightings)))
    console.print(f"Check it again: {program()} replay {shlex.quote(folder.as_posix())}")
    console.print(f"Without gradcheck: python {shlex.quote((folder / 'repro.py').as_posix())}")
    return ExitCode.NOTHING_FOUND


@click.command("stats")
@click.argument("folder", default=REPORTS, type=click.Path(path_type=Path, file_okay=False))
@format_option("one JSON object")
def stats_command(folder: Path, output_format: str) -> ExitCode:
    """Show what a run has checked and found so far.

    FOLDER is the one that the run is saved in, reports/ by default. The run may still be going on.
    """
    from gradcheck.fuzz.reporters.summary import summary
    from gradcheck.fuzz.saved_run import read_run
    from gradcheck.table import Prose, plain

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
        console.print(Prose(plain(line)))
    return ExitCode.NOTHING_FOUND


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
