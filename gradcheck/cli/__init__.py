"""The command line: one module per command, and how each of them ends."""

from __future__ import annotations

import os
import sys
import traceback

import click

from gradcheck.cli.check import check_command
from gradcheck.cli.engines import engines_command
from gradcheck.cli.fuzz import fuzz_command
from gradcheck.cli.replay import replay_command
from gradcheck.cli.report import report_command
from gradcheck.cli.selftest import selftest_command
from gradcheck.cli.shared import ExitCode
from gradcheck.cli.show import show_command
from gradcheck.cli.stats import stats_command
from gradcheck.engines.loading import EngineLoadError
from gradcheck.engines.options import EngineOptionError
from gradcheck.findings.reading import CaseFileError
from gradcheck.formula import FormulaError
from gradcheck.fuzz.executor import ClusterError
from gradcheck.fuzz.run import NothingToCheckError
from gradcheck.fuzz.saved_run import RunFileError
from gradcheck.operations import UnknownOperationError
from gradcheck.oracles.balls import NoBallArithmeticError
from gradcheck.precision import TooLargeError

_LONGEST = 300
"""Characters of an error message."""


@click.group()
@click.version_option(package_name="gradcheck")
def commands() -> None:
    """Check the gradients of an autodiff engine, with a proof instead of a tolerance."""


commands.add_command(check_command)
commands.add_command(fuzz_command)
commands.add_command(replay_command)
commands.add_command(stats_command)
commands.add_command(show_command)
commands.add_command(report_command)
commands.add_command(selftest_command)
commands.add_command(engines_command)


def main() -> int:  # noqa: PLR0911 - one return for each way to end
    """Run the command line and return its exit code.

    What a user can get wrong is one line on standard error; a traceback is always our own fault.
    """
    try:
        return int(commands.main(standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return ExitCode.USAGE
    except BrokenPipeError:
        # Nobody reads any more: what is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.INTERRUPTED
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except NothingToCheckError as error:
        return _mistake(error, ExitCode.NOTHING_CHECKED)
    except click.ClickException as error:
        return _mistake(error.format_message(), ExitCode.USAGE)
    except (
        CaseFileError,
        ClusterError,
        EngineLoadError,
        EngineOptionError,
        FormulaError,
        NoBallArithmeticError,
        RunFileError,
        TooLargeError,
        UnknownOperationError,
        OSError,
    ) as error:
        return _mistake(error, ExitCode.USAGE)
    except Exception:  # noqa: BLE001 - the last resort, which hides nothing
        traceback.print_exc()
        return _mistake(
            "gradcheck itself is at fault; please report the lines above", ExitCode.HARNESS_AT_FAULT
        )


def _mistake(what: object, code: ExitCode) -> ExitCode:
    line = " ".join(str(what).split())
    click.echo(f"Error: {line if len(line) <= _LONGEST else f'{line[:_LONGEST]}…'}", err=True)
    return code
