"""``python -m gradcheck fuzz``: random cases for as long as one likes."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event as Flag
from types import FrameType

import click

from gradcheck.adapters.engine import Engine
from gradcheck.adapters.loading import load_engine
from gradcheck.cli.shared import (
    REPORTS,
    ExitCode,
    engine_option,
    ignore_option,
    life_option,
    terminal,
)
from gradcheck.findings.gallery import write_gallery
from gradcheck.findings.store import save
from gradcheck.fuzz.events import Event, Finished, Found, LifeChecked
from gradcheck.fuzz.json_lines import json_lines
from gradcheck.fuzz.run import Options, run
from gradcheck.fuzz.terminal import Terminal
from gradcheck.life.expressions import cases_for
from gradcheck.life.result import Outcome
from gradcheck.life.run import CHECKS, run_check
from gradcheck.life.store import save as save_life
from gradcheck.operations import DEFAULT_OPERATIONS, operations_named

DEFAULT_SECONDS = 20.0


class Duration(click.ParamType[float]):
    """A time such as 30s, 10m or 8h, in seconds."""

    name = "time"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", value)
        if match is None or not float(match[1]):
            self.fail(f"{value!r} is not a time such as 30s, 10m or 8h", param, ctx)
        return float(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2]]


@click.command("fuzz")
@engine_option
@click.option(
    "--ops",
    default=" ".join(operation.name for operation in DEFAULT_OPERATIONS),
    help="The operations to use, or all that the engine has.",
    show_default=True,
)
@click.option(
    "--max-ops",
    type=click.IntRange(1, 1000),
    default=10,
    help="Operations in an expression, at most.",
    show_default=True,
)
@click.option(
    "--time",
    "seconds",
    type=Duration(),
    help="How long, such as 30s, 10m, 8h.  [default: 20s, or no limit with --examples]",
)
@click.option("--examples", type=click.IntRange(1), help="Stop after so many expressions.")
@click.option(
    "--seed",
    type=click.IntRange(0),
    help="Repeat a run; with --examples its findings are the same.  [default: random]",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=REPORTS,
    help="Where findings are saved.",
    show_default=True,
)
@life_option
@click.option("--fail-fast", is_flag=True, help="Stop at the first finding.")
@ignore_option
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    help="For people, or JSON lines.",
    show_default=True,
)
def fuzz_command(
    spec: str,
    ops: str,
    max_ops: int,
    seconds: float | None,
    examples: int | None,
    seed: int | None,
    output: Path,
    *,
    life: bool,
    fail_fast: bool,
    ignore: str | None,
    output_format: str,
) -> ExitCode:
    """Check an engine on random expressions at random points.

    Each bug that is found is shrunk to its smallest case and saved; then the run goes on.
    """
    if seconds is None and examples is None:
        seconds = DEFAULT_SECONDS
    # First the engine, as its module may register operations of its own.
    engine = load_engine(spec)
    options = Options(
        operations=operations_named(ops),
        max_size=max_ops,
        seed=random.SystemRandom().getrandbits(32) if seed is None else seed,
        seconds=seconds,
        expressions=examples,
        output=output,
        fail_fast=fail_fast,
    )
    with _sink(output_format) as tell, _stop_on_interrupt() as stop, _no_hypothesis_folder():
        broken = False
        for lived in _lives(engine, options) if life else ():
            tell(lived)
            broken = broken or lived.result.outcome is Outcome.BROKEN
            if stop.is_set():
                return ExitCode.INTERRUPTED
            if broken and fail_fast:
                return ExitCode.FINDINGS
        for event in run(engine, options, stopped=stop.is_set):
            _keep(event, output)
            tell(event)
    assert isinstance(event, Finished)
    return _exit_code(event, ignore, broken=broken)


def _lives(engine: Engine, options: Options) -> Iterator[LifeChecked]:
    """Every check of life beyond one backward pass; what is broken is saved."""
    cases = cases_for(engine.operations.intersection(options.operations))
    for name in CHECKS:
        result = run_check(name, engine, cases)
        broken = result.outcome is Outcome.BROKEN
        yield LifeChecked(result, save_life(result, engine, options.output) if broken else None)


def _keep(event: Event, output: Path) -> None:
    """Save what was found, and show it in the gallery."""
    found: tuple[Found, ...] = ()
    if isinstance(event, Found):
        found = (event,)
    elif isinstance(event, Finished):
        # Once more, as worse cases may have been seen since.
        found = event.findings
    for each in found:
        save(each.finding, output)
    if found:
        write_gallery(output)


@contextlib.contextmanager
def _sink(output_format: str) -> Iterator[Callable[[Event], None]]:
    """What writes the events to standard output.

    An engine that prints does so to standard error while JSON lines are written.
    """
    if output_format == "json":
        tell = json_lines(sys.stdout)
        with contextlib.redirect_stdout(sys.stderr):
            yield tell
    else:
        with contextlib.closing(Terminal(terminal())) as tell:
            yield tell


@contextlib.contextmanager
def _no_hypothesis_folder() -> Iterator[None]:
    """Hypothesis keeps notes in a folder; a run needs none, and the user asked for none."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", folder)
        yield


@contextlib.contextmanager
def _stop_on_interrupt() -> Iterator[Flag]:
    """A flag that the first Ctrl-C sets; the second one acts at once, as usual."""
    stop = Flag()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _exit_code(event: Finished, ignore: str | None, *, broken: bool) -> ExitCode:
    if event.interrupted:
        return ExitCode.INTERRUPTED
    findings = [found.finding for found in event.findings]
    if broken or any(ignore is None or not finding.only_loses_digits for finding in findings):
        return ExitCode.FINDINGS
    return ExitCode.NOTHING_FOUND if event.statistics.decided else ExitCode.NOTHING_CHECKED
