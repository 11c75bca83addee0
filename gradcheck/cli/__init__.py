"""The command line: one module per command, and how commands end.

Only what the help needs is imported at the top of these modules. A command imports what it works
with when it is called, and before it loads an engine, whose folder is then on the path too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from gradcheck.cli.check import check_command
from gradcheck.cli.ending import exit_code_of
from gradcheck.cli.engines import engines_command
from gradcheck.cli.fuzz import fuzz_command
from gradcheck.cli.grade import grade_command
from gradcheck.cli.init import init_command
from gradcheck.cli.isolate import Invocation
from gradcheck.cli.output import ExitCode
from gradcheck.cli.saved import replay_command, report_command, show_command, stats_command
from gradcheck.cli.selftest import selftest_command


class _Commands(click.Group):
    """The group of all commands. The reader of their output may end early, as ``| head`` does."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command. click itself would end with 1 here, which stands for findings."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Nobody reads what is still buffered.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return ExitCode.INTERRUPTED


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gradcheck")
@click.pass_context
def commands(context: click.Context) -> None:
    """Check the gradients of an autodiff engine, with a proof instead of a tolerance."""
    from gradcheck.cli.configuration import configured_defaults

    context.default_map = configured_defaults(commands.commands, Path.cwd())


for _command in (
    *(check_command, engines_command, fuzz_command, grade_command, init_command),
    *(replay_command, report_command, selftest_command, show_command, stats_command),
):
    # The whole first line of its help; click would cut it to the width of the terminal.
    _command.short_help = (_command.help or "").strip().partition("\n")[0]
    commands.add_command(_command)


def main(words: Sequence[str] | None = None, *, is_sandboxed: bool = False) -> int:
    """Run the command line and return its exit code; ``words`` are ``sys.argv[1:]`` by default.

    ``is_sandboxed`` tells that this is the process of ``--isolate``.
    """
    _reopen_closed_streams()
    invocation = Invocation(tuple(sys.argv[1:] if words is None else words), is_sandboxed)
    return exit_code_of(lambda: commands.main(words, standalone_mode=False, obj=invocation))


def _reopen_closed_streams() -> None:
    """Connect closed standard streams, as in some jobs of cron, to the null device.

    Otherwise the next file to be opened would get the number of standard output.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - it stays open
            setattr(sys, name, nothing)
