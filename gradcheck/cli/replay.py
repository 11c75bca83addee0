"""``python -m gradcheck replay``: whether a finding is still there."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from gradcheck.cli.limits import surviving, with_limits
from gradcheck.cli.shared import REPORTS, SPEC_HELP, ExitCode, terminal, with_engine_options
from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.findings.reading import saved_findings
from gradcheck.findings.replay import Outcome, replay, told


@click.command("replay")
@click.argument("findings", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--engine",
    "spec",
    metavar="SPEC",
    help=f"Another engine than the one in the file: {SPEC_HELP}",
)
@with_engine_options
@with_limits
def replay_command(
    findings: tuple[Path, ...], spec: str | None, *, limits: EngineLimits
) -> ExitCode:
    """Judge FINDINGS once more: folders, case.json files, or all below reports/.

    Says FIXED, STILL THERE or CANNOT RUN for each; the exit code is 0, 1 or 2, that of the worst.
    """
    paths = [path for finding in findings or (REPORTS,) for path in _cases(finding)]
    if not paths:
        message = f"there are no findings below {REPORTS}/; name a folder or a case.json"
        raise click.UsageError(message)
    console = terminal()
    worst = Outcome.FIXED
    for path in paths:
        result = surviving(partial(replay, path, spec), limits)
        worst = max(worst, result.outcome, key=lambda outcome: outcome.gravity)
        console.print(told(result, path.parent if path.name == "case.json" else path))
    return ExitCode(worst.gravity)


def _cases(finding: Path) -> list[Path]:
    """The case files of what was named: a file, a finding's folder, or one that holds many."""
    below = saved_findings(finding)
    return below if below or finding == REPORTS else [finding]
