"""A long run carried out: its processes, its folder, what is told of it, and how it ends."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from gradcheck.cli.shared import ExitCode, terminal
from gradcheck.cli.stopping import stopping
from gradcheck.engines.protocol import Engine
from gradcheck.fuzz.events import Event, Finished, LifeChecked
from gradcheck.fuzz.executor import Executor
from gradcheck.fuzz.folder import run_folder
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.pool import ProcessPool
from gradcheck.fuzz.reporters.json_lines import json_lines
from gradcheck.fuzz.reporters.terminal import Terminal
from gradcheck.fuzz.run import beginning, run
from gradcheck.fuzz.state import FoundBefore, State


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with which engine, where, from where on, and what is found already.

    ``processes`` are none where a cluster does it.
    """

    engine: Engine
    processes: ProcessPool
    options: Options
    state: State
    before: Sequence[FoundBefore]


def execute(
    plan: Plan,
    cluster: str | None,
    stop_file: Path | None,
    ignore: str | None,
    output_format: str,
) -> ExitCode:
    """Do what was planned, and say how it ends."""
    engine, options = plan.engine, plan.options
    beginning(engine, options)  # or there is nothing to check, and nothing is left behind
    broken = False
    with (
        stopping(stop_file) as stopped,
        run_folder(engine.spec, options, plan.state, plan.before) as keep,
        _sink(output_format) as tell,
        _place(plan, cluster) as place,
    ):
        for event in run(
            engine, options, place, stopped=stopped, state=plan.state, before=plan.before
        ):
            keep(event)
            tell(event)
            broken = broken or (isinstance(event, LifeChecked) and event.is_broken)
    assert isinstance(event, Finished)
    return _exit_code(event, ignore, broken=broken)


def _place(plan: Plan, cluster: str | None) -> contextlib.AbstractContextManager[Executor]:
    """Where the tasks of a run are done. Raises ``EngineLoadError`` and ``ClusterError``."""
    if cluster is None:
        plan.processes.begin(plan.options)
        return contextlib.nullcontext(plan.processes)
    try:
        from gradcheck.fuzz.cluster import Cluster  # noqa: PLC0415 - Dask need not be installed
    except ModuleNotFoundError as error:
        message = f"--cluster: {error.name} is not installed; pip install 'gradcheck[cluster]'"
        raise click.UsageError(message) from error
    return Cluster(cluster, plan.engine.spec, plan.options, say=partial(click.echo, err=True))


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


def _exit_code(event: Finished, ignore: str | None, *, broken: bool) -> ExitCode:
    if event.interrupted:
        return ExitCode.INTERRUPTED
    statistics = event.state.statistics
    findings = [found.finding for found in event.findings]
    grave = any(ignore is None or not finding.only_loses_digits for finding in findings)
    if broken or grave or statistics.given_up:
        return ExitCode.FINDINGS
    return ExitCode.NOTHING_FOUND if statistics.decided else ExitCode.NOTHING_CHECKED
