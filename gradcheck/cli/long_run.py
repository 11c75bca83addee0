"""A run of ``fuzz`` from its start to its exit code: processes, folder, output, stop requests."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event as Flag
from types import FrameType
from typing import TextIO

import click

from gradcheck.cli.last_resort import Deadline, ended_at
from gradcheck.cli.output import ExitCode, terminal
from gradcheck.cli.several import ONE_DOCUMENT
from gradcheck.engines.arrays.protocol import AnyEngine
from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.engines.isolation.loading import load_isolated_if_possible
from gradcheck.fuzz.beginning import beginning
from gradcheck.fuzz.events import EarlierFinding, Event, Finished, State
from gradcheck.fuzz.executor import Executor
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.pool import ProcessPool
from gradcheck.fuzz.reporters.github import annotation_lines
from gradcheck.fuzz.reporters.json_lines import json_lines
from gradcheck.fuzz.reporters.junit import junit_xml
from gradcheck.fuzz.reporters.sarif import sarif_json
from gradcheck.fuzz.reporters.terminal import Detail, Terminal
from gradcheck.fuzz.run import run
from gradcheck.fuzz.run_folder import earlier_findings, run_folder
from gradcheck.fuzz.saved_run import SavedRun

_AT_THE_END: dict[str, Callable[[Finished, AnyEngine, str | None], str]] = {
    "github": annotation_lines,
    "junit": junit_xml,
    "sarif": sarif_json,
}
"""Formats of which a text is written at the end of a run; while it goes on, people are told."""

_SECONDS_TO_FINISH = 9.0
"""Seconds after the time limit of a run at which its process is ended, also if it is busy."""

_SECONDS_TO_STOP = 1.7
"""The same after a signal to stop."""

_STANDARD_ERROR = 2

_STOPPING = b"Stopping after the findings are saved; interrupt again to stop at once.\n"


@dataclass(frozen=True, slots=True)
class Output:
    """The form of standard output: its ``--format``, and the detail in which people are told.

    ``ignore`` is the option of that name, which has an effect on the exit code too.
    """

    format: str
    detail: Detail
    ignore: str | None


@dataclass(frozen=True, slots=True)
class LongRun:
    """An engine, the options of its run, the state of the run, and the findings of earlier runs."""

    engine: AnyEngine
    options: Options
    state: State
    before: Sequence[EarlierFinding]


def new_run(engine: AnyEngine, options: Options) -> LongRun:
    """Return a new run, which begins with the findings of the engine in its folder."""
    return LongRun(engine, options, State(), earlier_findings(options.output, engine.spec))


def resumed_run(
    saved: SavedRun, engine: AnyEngine, *, seconds: float | None, until_stale: float | None
) -> LongRun:
    """Return the rest of a saved run; ``seconds`` and ``until_stale`` replace the saved limits.

    Raises ``UsageError`` if the engine is another one.
    """
    if engine.spec != saved.engine:
        message = (
            f"the run in {saved.folder} checks {saved.engine}: leave out --engine {engine.spec}"
        )
        raise click.UsageError(message)
    options = saved.options()
    options = replace(
        options,
        seconds=options.seconds if seconds is None else seconds,
        until_stale=options.until_stale if until_stale is None else until_stale,
    )
    return LongRun(engine, options, saved.state, saved.findings())


@contextlib.contextmanager
def started(
    spec: str, limits: EngineLimits, workers: int, cluster: str | None
) -> Iterator[tuple[AnyEngine, ProcessPool]]:
    """Load the engine, and start ``workers`` processes that load it too, or none with a cluster.

    Raises ``EngineLoadError``.
    """
    count = workers if cluster is None else 0
    # The processes first, so that they are forked before this process imports the engine.
    with ProcessPool(spec, limits, count=count, forked=True) as processes:
        yield load_isolated_if_possible(spec, limits), processes


def carry_out(
    long_run: LongRun,
    processes: ProcessPool,
    cluster: str | None,
    stop_file: Path | None,
    output: Output,
) -> ExitCode:
    """Carry out a run to its end, and return the exit code."""
    deadline = Deadline()
    seconds, state = long_run.options.seconds, long_run.state
    if seconds is not None:
        deadline.no_later_than(max(0.0, seconds - state.seconds) + _SECONDS_TO_FINISH)
    with stop_requests(stop_file, deadline) as stopped, ended_at(deadline):
        last = _last_event(long_run, processes, cluster, stopped, output)
    return _exit_code(last, output.ignore)


def _last_event(
    long_run: LongRun,
    processes: ProcessPool,
    cluster: str | None,
    stopped: Callable[[], bool],
    output: Output,
) -> Finished:
    """Save and report every event of a run, and return the last one."""
    engine, options = long_run.engine, long_run.options
    state, before = long_run.state, long_run.before
    begun = beginning(engine, options)  # raises if there is nothing to check, before it saves
    with (
        run_folder(engine.spec, options, state, before) as save,
        _reporter(output, engine) as (report, waiting),
        _executor(long_run, processes, cluster) as executor,
    ):
        for event in run(
            engine,
            options,
            executor,
            stopped=stopped,
            state=state,
            before=before,
            begun=begun,
            waiting=waiting,
        ):
            save(event)
            report(event)
    assert isinstance(event, Finished)
    return event


def _executor(
    long_run: LongRun, processes: ProcessPool, cluster: str | None
) -> contextlib.AbstractContextManager[Executor]:
    """Return the executor of the tasks. Raises ``EngineLoadError`` and ``ClusterError``."""
    if cluster is None:
        processes.begin(long_run.options)
        return contextlib.nullcontext(processes)
    try:
        from gradcheck.fuzz.cluster import Cluster
    except ModuleNotFoundError as error:
        message = f"--cluster: {error.name} is not installed; pip install 'gradcheck[cluster]'"
        raise click.UsageError(message) from error
    echo = partial(click.echo, err=True)
    return Cluster(cluster, long_run.engine.spec, long_run.options, echo=echo)


@contextlib.contextmanager
def _reporter(
    output: Output, engine: AnyEngine
) -> Iterator[tuple[Callable[[Event], None], Callable[[str], None]]]:
    """Yield functions that write an event to standard output, and what the run is doing.

    While JSON lines or a document are written, all else goes to standard error.
    """
    stream = sys.stdout
    with contextlib.ExitStack() as stack:
        if output.format in ("json", *ONE_DOCUMENT):
            stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        if output.format == "json":
            yield json_lines(stream), lambda _doing: None
            return
        shown = stack.enter_context(contextlib.closing(Terminal(terminal(), output.detail)))
        yield _with_text_at_the_end(shown, output, engine, stream), shown.waiting


def _with_text_at_the_end(
    shown: Terminal, output: Output, engine: AnyEngine, stream: TextIO
) -> Callable[[Event], None]:
    at_the_end = _AT_THE_END.get(output.format)

    def report(event: Event) -> None:
        shown(event)
        if at_the_end is not None and isinstance(event, Finished):
            stream.write(at_the_end(event, engine, output.ignore))
            stream.flush()

    return report


@contextlib.contextmanager
def stop_requests(stop_file: Path | None, deadline: Deadline) -> Iterator[Callable[[], bool]]:
    """Yield a function that tells whether to stop: after Ctrl-C or SIGTERM, or if the file exists.

    A second signal stops the process at once, as usual; the first one prints this. If the process
    was started with a signal ignored, as shells do for background jobs, it stays ignored. Raises
    ``UsageError`` if the file exists already.
    """
    if stop_file is not None and stop_file.exists():
        message = f"{stop_file} exists already and would stop the run: remove it"
        raise click.UsageError(message)
    stop = Flag()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        restore()
        deadline.no_later_than(_SECONDS_TO_STOP)
        # Not through a stream, because the signal may have interrupted a write to it.
        with contextlib.suppress(OSError):  # standard error may be closed
            os.write(_STANDARD_ERROR, _STOPPING)

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def stopped() -> bool:
        if stop_file is not None and stop_file.exists():
            stop.set()
        return stop.is_set()

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    before = {n: handler for n, handler in handlers.items() if handler is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, interrupt)
    try:
        yield stopped
    finally:
        restore()


def _exit_code(event: Finished, ignore: str | None) -> ExitCode:
    if event.interrupted:
        return ExitCode.INTERRUPTED
    statistics = event.state.statistics
    findings = [found.finding for found in event.findings]
    grave = any(ignore is None or not finding.only_loses_digits for finding in findings)
    if grave or statistics.abandoned:
        return ExitCode.FINDINGS
    return ExitCode.NOTHING_FOUND if statistics.decided else ExitCode.NOTHING_CHECKED
