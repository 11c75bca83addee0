"""Engines as arguments of a command: one, or several that are checked one after the other."""

from __future__ import annotations

import functools
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

import click
from click.core import ParameterSource

from gradcheck.cli.ending import exit_code_of
from gradcheck.cli.output import ExitCode, program

_NO_ENGINES = ("test_", "_", ".")
"""How the names of files begin that a folder has beside its engines."""

_NO_ENGINE_FILES = ("conftest.py", "setup.py")

ONE_DOCUMENT = ("junit", "sarif")
"""Formats that are one document, and no lines."""

_GRAVEST_FIRST = (
    ExitCode.INTERRUPTED,
    ExitCode.HARNESS_AT_FAULT,
    ExitCode.USAGE,
    ExitCode.FINDINGS,
    ExitCode.NOTHING_CHECKED,
    ExitCode.NOTHING_FOUND,
)

_IN_WORDS = {
    ExitCode.NOTHING_FOUND: "no finding",
    ExitCode.FINDINGS: "findings",
    ExitCode.USAGE: "not checked, see its error above",
    ExitCode.HARNESS_AT_FAULT: "gradcheck itself is at fault",
    ExitCode.NOTHING_CHECKED: "nothing could be checked",
    ExitCode.INTERRUPTED: "interrupted",
}


def with_engines(command: Callable[..., ExitCode]) -> Callable[..., ExitCode]:
    """Let a command, which takes one ``spec``, take engines as its arguments too."""

    @click.argument("engines", nargs=-1, metavar="[ENGINE]...")
    @functools.wraps(command)
    def with_each(
        *arguments: object, spec: str, engines: tuple[str, ...], **others: object
    ) -> ExitCode:
        source = click.get_current_context().get_parameter_source("spec")
        if not engines:
            code = command(*arguments, spec=spec, **others)
            if source is ParameterSource.DEFAULT and others.get("resume") is None:
                _tell_the_default(spec)
            return code
        if source is ParameterSource.COMMANDLINE:
            message = f"the engine is named twice, as {engines[0]} and by --engine: name it once"
            raise click.UsageError(message)
        specs = [spec for named in engines for spec in specs_in(named)]

        def checked(spec: str) -> ExitCode:
            return command(*arguments, spec=spec, **others)

        if len(specs) == 1:
            return checked(specs[0])
        if others.get("resume") is not None:
            message = "--resume goes on with one run: name one engine, or none"
            raise click.UsageError(message)
        if others.get("output_format") in ONE_DOCUMENT:
            message = f"--format {others['output_format']} writes one document: name one engine"
            raise click.UsageError(message)
        codes = _one_after_the_other(specs, checked)
        if others.get("output_format") != "json" and not others.get("quiet"):
            _tell_the_results(specs, codes)
        return min(codes, key=_GRAVEST_FIRST.index)

    return with_each


def _tell_the_default(spec: str) -> None:
    note = f"No engine was named, so this checked {spec}. Name yours: {program()} fuzz FILE"
    click.echo(note, err=True)


def _tell_the_results(specs: Sequence[str], codes: Sequence[ExitCode]) -> None:
    click.echo("")
    for each, code in zip(specs, codes, strict=False):
        click.echo(f"{each}: {_IN_WORDS[code]}")


def specs_in(named: str) -> list[str]:
    """Return the files of a folder that may hold an engine, or the one spec that is named.

    A package is a module, unless its name ends in a slash. Raises ``UsageError`` for a folder
    without such files.
    """
    folder = Path(named)
    is_package = (folder / "__init__.py").is_file() and not named.endswith("/")
    if not folder.is_dir() or is_package:
        return [named]
    files = sorted(
        file.as_posix()
        for file in folder.glob("*.py")
        if not file.name.startswith(_NO_ENGINES) and file.name not in _NO_ENGINE_FILES
    )
    if not files:
        message = f"the folder {named} has no Python files that may hold an engine: name a file"
        raise click.UsageError(message)
    return files


def _one_after_the_other(
    specs: Sequence[str], checked: Callable[[str], ExitCode]
) -> list[ExitCode]:
    """Return the exit code for each engine; an interrupted one is the last.

    Each is checked in a process of its own, where the system can fork: no engine meets what another
    one has left behind.
    """
    from gradcheck.engines.isolation.child_process import can_fork

    codes: list[ExitCode] = []
    for number, spec in enumerate(specs, 1):
        click.echo(f"Engine {number} of {len(specs)}: {spec}", err=True)
        work = functools.partial(checked, spec)
        codes.append(_in_process(work) if can_fork() else exit_code_of(work))
        if codes[-1] is ExitCode.INTERRUPTED:
            break
    return codes


def _in_process(work: Callable[[], ExitCode]) -> ExitCode:
    """Return the exit code of work that is done in a forked process, which gets our signals."""
    import multiprocessing

    process = multiprocessing.get_context("fork").Process(
        target=lambda: sys.exit(exit_code_of(work))
    )

    def hand_on(_number: int, _frame: FrameType | None) -> None:
        process.terminate()

    sys.stdout.flush()
    process.start()
    # Ctrl-C reaches all processes of the terminal by itself.
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN),
        signal.SIGTERM: signal.signal(signal.SIGTERM, hand_on),
    }
    try:
        process.join()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    known = {int(code): code for code in ExitCode}
    return known.get(process.exitcode or 0, ExitCode.HARNESS_AT_FAULT)
