"""``gradcheck selftest``: test gradcheck itself on planted bugs."""

from __future__ import annotations

import json

import click

from gradcheck.cli.options import format_option
from gradcheck.cli.output import ExitCode, frozen_imports, terminal


@click.command("selftest")
@click.option(
    "--bugs",
    "pattern",
    default="*",
    metavar="PATTERN",
    help="Names of the bugs to try, such as '*tanh*'.",
    show_default=True,
)
@format_option("JSON lines")
def selftest_command(pattern: str, output_format: str) -> ExitCode:
    """Test gradcheck itself on engines with planted bugs, of numbers and of arrays.

    The exit code is 0 if every bug was found and blamed on the right operation, and nothing was
    found in a correct engine. Without NumPy, the engines of arrays are left out.
    """
    with frozen_imports():
        from rich.live import Live
        from rich.text import Text

        from gradcheck.selftest.array_zoo import planted_array_bugs
        from gradcheck.selftest.report import bug_as_data, result_as_data, summary, table
        from gradcheck.selftest.run import AnyBug, BugResult, SelfTest, selftest
        from gradcheck.selftest.zoo import planted_bugs

    bugs: list[AnyBug] = [*planted_bugs(pattern), *planted_array_bugs(pattern)]
    if not bugs:
        names = (bug.name for zoo in (planted_bugs(), planted_array_bugs()) for bug in zoo)
        known = ", ".join(names)
        message = f"no planted bug matches {pattern!r}; there are: {known}"
        raise click.UsageError(message)
    console = terminal()
    result: SelfTest | None = None
    with Live(console=console, transient=True, auto_refresh=False) as live:
        for number, event in enumerate(selftest(bugs), 1):
            match event:
                case BugResult() if output_format == "json":
                    console.print(json.dumps(bug_as_data(event)))
                case BugResult() if console.is_terminal:
                    live.update(Text(f"{number} of {len(bugs)} bugs tried"), refresh=True)
                case SelfTest():
                    result = event
    assert result is not None
    if output_format == "json":
        console.print(json.dumps(result_as_data(result)))
    else:
        console.print(table(result), *summary(result), sep="\n")
    return ExitCode.NOTHING_FOUND if result.passed else ExitCode.HARNESS_AT_FAULT
