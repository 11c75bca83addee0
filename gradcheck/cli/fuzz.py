"""``python -m gradcheck fuzz``: random cases for as long as one likes."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
from click.core import ParameterSource

from gradcheck.cli.limits import with_limits
from gradcheck.cli.long_run import Plan, execute
from gradcheck.cli.parameter_types import Address, Duration, Rounds, Workers
from gradcheck.cli.shared import REPORTS, ExitCode, engine_option, ignore_option, life_option
from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.engines.isolation.loading import load_isolated_if_possible
from gradcheck.engines.protocol import Engine
from gradcheck.findings.replay import trusted
from gradcheck.fuzz.folder import found_before
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.pool import ProcessPool
from gradcheck.fuzz.saved_run import SavedRun, read_run
from gradcheck.fuzz.state import State
from gradcheck.operations import DEFAULT_OPERATIONS, operations_named

DEFAULT_SECONDS = 20.0

_WITH_RESUME = {
    *("resume", "spec", "seconds", "until_stale"),
    *("workers", "cluster", "stop_file", "ignore", "output_format"),
}
"""What may be said anew when a run goes on: nothing that changes what its rounds are."""


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
    help="How long, such as 30s, 10m, 8h.  [default: 20s, or no limit with --examples, --rounds "
    "or --until-stale]",
)
@click.option("--until-stale", type=Duration(), help="Stop when nothing new was seen for so long.")
@click.option("--examples", type=click.IntRange(1), help="Stop after so many expressions.")
@click.option(
    "--rounds",
    type=Rounds(),
    help="The rounds from A to before B, 50 expressions each: several machines can share a seed.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    help="Repeat a run; with --examples or --rounds its findings are the same.  [default: random]",
)
@click.option(
    "--workers",
    type=Workers(),
    default="1",
    help="How many processes; auto is one for each core. The findings are the same.",
    show_default=True,
)
@click.option(
    "--cluster",
    type=Address(),
    help="Use all workers of a Dask cluster, such as tcp://host:8786, instead of processes here.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=REPORTS,
    help="Where the run and its findings are kept.",
    show_default=True,
)
@click.option(
    "--resume",
    metavar="DIRECTORY",
    type=click.Path(path_type=Path, file_okay=False),
    help="Go on with the run that is kept there, as it was asked for.",
)
@life_option
@click.option("--fail-fast", is_flag=True, help="Stop at the first finding.")
@click.option(
    "--stop-file",
    type=click.Path(path_type=Path),
    help="Stop as soon as there is this file, as by Ctrl-C.",
)
@with_limits
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
    until_stale: float | None,
    examples: int | None,
    rounds: tuple[int, int] | None,
    seed: int | None,
    workers: int,
    cluster: str | None,
    output: Path,
    resume: Path | None,
    *,
    life: bool,
    fail_fast: bool,
    stop_file: Path | None,
    limits: EngineLimits,
    ignore: str | None,
    output_format: str,
) -> ExitCode:
    """Check an engine on random expressions at random points.

    Each bug that is found is shrunk to its smallest case and saved; then the run goes on.
    """
    if cluster is not None and "workers" in _given():
        message = "--workers is for this machine and --cluster for others: give one of them"
        raise click.UsageError(message)
    if resume is not None:
        saved = _saved(resume)
        spec = spec if "spec" in _given() else trusted(saved.engine)
        with _started(spec, saved.limits, workers, cluster) as (engine, processes):
            plan = _going_on(saved, engine, processes, seconds=seconds, until_stale=until_stale)
            return execute(plan, cluster, stop_file, ignore, output_format)
    if examples is not None and rounds is not None:
        message = "--examples and --rounds both say how much: give one of them"
        raise click.UsageError(message)
    if all(limit is None for limit in (seconds, examples, rounds, until_stale)):
        seconds = DEFAULT_SECONDS
    with _started(spec, limits, workers, cluster) as (engine, processes):
        options = Options(
            # Only now are those known that the engine's module registers.
            operations=operations_named(ops),
            max_ops=max_ops,
            seed=random.SystemRandom().getrandbits(32) if seed is None else seed,
            seconds=seconds,
            expressions=examples,
            output=output,
            fail_fast=fail_fast,
            rounds=rounds,
            until_stale=until_stale,
            life=life,
            limits=limits,
        )
        plan = Plan(engine, processes, options, State(), found_before(output, engine.spec))
        return execute(plan, cluster, stop_file, ignore, output_format)


@contextlib.contextmanager
def _started(
    spec: str, limits: EngineLimits, workers: int, cluster: str | None
) -> Iterator[tuple[Engine, ProcessPool]]:
    """The engine, and so many processes that load it too, or none where there is a cluster.

    Raises ``EngineLoadError``.
    """
    count = workers if cluster is None else 0
    # The processes first: when they are forked, there is nothing of the engine's here.
    with ProcessPool(spec, limits, count=count, forked=True) as processes:
        yield load_isolated_if_possible(spec, limits), processes


def _saved(folder: Path) -> SavedRun:
    """The run in a folder that is to go on, if nothing else is asked of it."""
    given = _given()
    if given - _WITH_RESUME:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in sorted(given - _WITH_RESUME))
        message = f"--resume goes on with what was asked, so leave out {names}"
        raise click.UsageError(message)
    return read_run(folder)


def _going_on(
    saved: SavedRun,
    engine: Engine,
    processes: ProcessPool,
    *,
    seconds: float | None,
    until_stale: float | None,
) -> Plan:
    """What a run has still to do; its end may be another one than was asked for."""
    if engine.spec != saved.engine:
        message = f"the run in {saved.folder} is of {saved.engine}, not of {engine.spec}"
        raise click.UsageError(message)
    options = saved.options()
    options = replace(
        options,
        seconds=options.seconds if seconds is None else seconds,
        until_stale=options.until_stale if until_stale is None else until_stale,
    )
    return Plan(engine, processes, options, saved.state, saved.found())


def _given() -> set[str]:
    """The options that are on the command line."""
    context = click.get_current_context()
    return {
        name
        for name in context.params
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
