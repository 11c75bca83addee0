"""``gradcheck replay``: whether findings are still there."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gradcheck.cli.imports import never_collected
from gradcheck.cli.options import SPEC_HELP, with_engine_options, with_limits
from gradcheck.cli.output import REPORTS, ExitCode, terminal

if TYPE_CHECKING:
    from gradcheck.engines.isolation.isolated_engine import EngineLimits


@click.command("replay")
@click.argument("findings", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--engine",
    "spec",
    metavar="SPEC",
    help=f"Check this engine instead of the one in the file: {SPEC_HELP}",
)
@with_engine_options
@with_limits
def replay_command(
    findings: tuple[Path, ...], spec: str | None, *, limits: EngineLimits
) -> ExitCode:
    """Check saved findings again.

    FINDINGS are folders or case.json files; without any, all findings below reports/ are checked.
    Each is FIXED, STILL THERE or CANNOT RUN; the exit code is 0, 1 or 2, that of the worst.
    """
    with never_collected():
        from gradcheck.cli.isolation import run_isolated
        from gradcheck.findings.case_file import saved_findings
        from gradcheck.findings.replay import ReplayOutcome, replay, replay_line

    paths: list[Path] = []
    for finding in findings or (REPORTS,):
        below = saved_findings(finding)
        paths += below if below or finding == REPORTS else [finding]
    if not paths:
        message = f"there are no findings below {REPORTS}/; name a folder or a case.json"
        raise click.UsageError(message)
    console = terminal()
    worst = ReplayOutcome.FIXED
    for path in paths:
        result = run_isolated(partial(replay, path, spec), limits)
        worst = max(worst, result.outcome, key=lambda outcome: outcome.gravity)
        console.print(replay_line(result, path.parent if path.name == "case.json" else path))
    return ExitCode(worst.gravity)
