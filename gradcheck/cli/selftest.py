"""``python -m gradcheck selftest``: the harness put to the test on planted bugs."""

from __future__ import annotations

import json

import click
from rich.live import Live
from rich.text import Text

from gradcheck.cli.shared import ExitCode, terminal
from gradcheck.selftest.report import outcome_as_data, result_as_data, summary, table
from gradcheck.selftest.run import Outcome, SelfTest, selftest
from gradcheck.selftest.zoo import planted_bugs


@click.command("selftest")
@click.option("--bugs", "pattern", default="*", help="Which, such as '*tanh*'.", show_default=True)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    help="For people, or JSON lines.",
    show_default=True,
)
def selftest_command(pattern: str, output_format: str) -> ExitCode:
    """Look for bugs that were planted in broken engines, and for none in a healthy one.

    Exit code 0 means that all were found and rightly blamed, without a false alarm.
    """
    bugs = planted_bugs(pattern)
    if not bugs:
        known = ", ".join(bug.name for bug in planted_bugs())
        message = f"no planted bug is called {pattern!r}; there are: {known}"
        raise click.UsageError(message)
    console = terminal()
    result: SelfTest | None = None
    with Live(console=console, transient=True, auto_refresh=False) as live:
        for number, event in enumerate(selftest(bugs), 1):
            match event:
                case Outcome() if output_format == "json":
                    console.print(json.dumps(outcome_as_data(event)))
                case Outcome() if console.is_terminal:
                    live.update(Text(f"{number} of {len(bugs)} bugs tried"), refresh=True)
                case SelfTest():
                    result = event
    assert result is not None
    if output_format == "json":
        console.print(json.dumps(result_as_data(result)))
    else:
        console.print(table(result), *summary(result), sep="\n")
    return ExitCode.NOTHING_FOUND if result.passed else ExitCode.HARNESS_AT_FAULT
