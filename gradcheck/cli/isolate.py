"""``--isolate``: a command in a sandboxed process, which may write to its output folder only."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from gradcheck.cli.output import ExitCode


@dataclass(frozen=True, slots=True)
class Invocation:
    """The words of the command line, and whether they are carried out in the sandbox."""

    words: tuple[str, ...]
    is_sandboxed: bool


isolate_option = click.option(
    "--isolate",
    is_flag=True,
    help="Run the engine in a sandbox: no network, no environment variables of yours, and no "
    "writing but to the output folder.",
)


def with_isolation(command: Callable[..., ExitCode]) -> Callable[..., ExitCode]:
    """Carry out a command that has ``isolate_option`` in a sandboxed process, if that is asked for.

    It comes before all decorators that change the arguments.
    """

    @functools.wraps(command)
    def isolated(*arguments: object, isolate: bool, **others: object) -> ExitCode:
        invocation = click.get_current_context().find_root().obj
        assert isinstance(invocation, Invocation)
        if not isolate or invocation.is_sandboxed:
            return command(*arguments, **others)
        for name in ("diagram", "cluster"):
            if others.get(name) is not None:
                message = f"--{name} and --isolate exclude each other: give only one"
                raise click.UsageError(message)
        output = others.get("resume") or others.get("output")
        memory = others["memory_limit"]
        assert isinstance(memory, int)
        writable = [output.resolve()] if isinstance(output, Path) else []
        return _in_sandbox(invocation.words, writable, memory)

    return isolated


@dataclass(frozen=True, slots=True)
class Order:
    """The order for the sandboxed process: the words, where it may write, and how much memory.

    ``here`` is the working directory, and ``temporary`` an empty folder.
    """

    words: tuple[str, ...]
    writable: tuple[str, ...]
    here: str
    temporary: str
    memory: int

    def as_text(self) -> str:
        """Return the order as one argument of a command."""
        return json.dumps([getattr(self, name) for name in self.__slots__])

    @classmethod
    def from_text(cls, text: str) -> Order:
        """Return the order that ``as_text`` has written."""
        words, writable, here, temporary, memory = json.loads(text)
        return cls(tuple(words), tuple(writable), here, temporary, int(memory))


def _in_sandbox(words: Sequence[str], writable: Sequence[Path], memory: int) -> ExitCode:
    """Carry out a command in a sandboxed process, and return its exit code."""
    from gradcheck.engines.isolation.environment import environment

    for folder in writable:
        folder.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix="gradcheck-isolate-")).resolve()
    home, scratch = temporary / "home", temporary / "scratch"
    home.mkdir()
    scratch.mkdir()
    places = tuple(str(folder) for folder in (*writable, home))
    order = Order(tuple(words), places, str(Path.cwd()), str(scratch), memory)
    sys.stdout.flush()
    try:
        process = subprocess.Popen(  # noqa: S603 - this Python, and data
            [sys.executable, "-P", "-m", "gradcheck.cli.sandboxed", order.as_text()],
            env=environment(home),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        with _handing_on_signals(process):
            code = process.wait()
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    known = {int(each): each for each in ExitCode}
    if code not in known:
        click.echo(f"Error: the sandboxed process ended with exit code {code}", err=True)
    return known.get(code, ExitCode.HARNESS_AT_FAULT)


@contextlib.contextmanager
def _handing_on_signals(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Hand on Ctrl-C and SIGTERM: a process in a session of its own gets none of a terminal."""

    def hand_on(number: int, _frame: FrameType | None) -> None:
        process.send_signal(number)

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    before = {n: handler for n, handler in handlers.items() if handler is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, hand_on)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
