"""How a command ends: with an exit code, and with one line for a mistake."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import click

from gradcheck.cli.output import ExitCode
from gradcheck.errors import NothingToCheckError, UserError

_MAX_LENGTH = 300
"""Characters of an error message."""


def exit_code_of(work: Callable[[], object]) -> ExitCode:
    """Do the work of a command, and return its exit code.

    A user's mistake is one line on standard error. A traceback is always gradcheck's own fault.
    """
    try:
        code = work()
        return ExitCode(code) if isinstance(code, int) else ExitCode.NOTHING_FOUND
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return ExitCode.USAGE
    except click.ClickException as error:
        return _failed(error.format_message(), ExitCode.USAGE)
    except (UserError, OSError) as error:
        nothing = isinstance(error, NothingToCheckError)
        return _failed(error, ExitCode.NOTHING_CHECKED if nothing else ExitCode.USAGE)
    except Exception:  # noqa: BLE001 - the last resort, which shows the traceback
        traceback.print_exc()
        return _failed(
            "gradcheck itself is at fault; please report the lines above", ExitCode.HARNESS_AT_FAULT
        )


def _failed(error: object, code: ExitCode) -> ExitCode:
    line = " ".join(str(error).split())
    click.echo(f"Error: {line if len(line) <= _MAX_LENGTH else f'{line[:_MAX_LENGTH]}…'}", err=True)
    return code
