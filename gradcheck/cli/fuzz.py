"""``gradcheck fuzz``: check an engine on random cases."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from gradcheck.cli.isolate import isolate_option, with_isolation
from gradcheck.cli.loading import loading_is_told
from gradcheck.cli.options import (
    ADDRESS,
    DURATION,
    ROUNDS,
    WORKERS,
    engine_option,
    fail_on_option,
    ignore_option,
    life_option,
    with_limits,
)
from gradcheck.cli.output import REPORTS, ExitCode, frozen_imports
from gradcheck.cli.several import with_engines
from gradcheck.kind import FAIL_ON
from gradcheck.operations import ALL, GROUPS

if TYPE_CHECKING:
    from gradcheck.engines.isolation.isolated_engine import EngineLimits

DEFAULT_SECONDS = 20.0

_WITH_RESUME = {
    *("resume", "spec", "engines", "seconds", "until_stale"),
    *("workers", "cluster", "stop_file", "ignore", "output_format", "verbose", "quiet"),
    "isolate",
}
"""Options that may be given with ``--resume``: none of them changes the rounds."""

_RIVALS = (("workers", "cluster"), ("examples", "rounds"), ("verbose", "quiet"))
"""Options that exclude each other. One that is typed replaces one that is configured."""


def _groups() -> str:
    """Return every group with its operations."""
    named = {word: " ".join(o.name for o in group) for word, group in GROUPS.items()}
    return ", ".join(f"{word} ({names})" for word, names in named.items())


@click.command("fuzz")
@with_isolation
@with_engines
@engine_option
@click.option(
    "--ops",
    default=ALL,
    metavar="NAMES",
    help=f"Operations to use, or groups: {_groups()}, or all: every one that the engine has.",
    show_default=True,
)
@click.option(
    "--max-ops",
    type=click.IntRange(1, 1000),
    default=10,
    metavar="N",
    help="Largest number of operations in an expression. From 10 on, one in 25 has up to 200.",
    show_default=True,
)
@click.option(
    "--time",
    "seconds",
    type=DURATION,
    help="Stop after this long, such as 30s, 10m or 8h.  [default: 20s, or no limit with "
    "--examples, --rounds or --until-stale]",
)
@click.option(
    "--until-stale", type=DURATION, help="Stop after this long without new coverage or findings."
)
@click.option(
    "--examples",
    type=click.IntRange(1),
    metavar="N",
    help="Stop after this many random expressions.",
)
@click.option(
    "--rounds",
    type=ROUNDS,
    help="Run only rounds A to B-1 (50 expressions each), so that machines can share a seed.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    metavar="N",
    help="Seed of the random cases. With --examples or --rounds, the same seed gives the same "
    "findings.  [default: random]",
)
@click.option(
    "--workers",
    type=WORKERS,
    default="1",
    help="Number of processes; auto is one per core. It does not change the findings.",
    show_default=True,
)
@click.option(
    "--cluster",
    type=ADDRESS,
    help="Use the workers of a Dask cluster, such as tcp://host:8786, instead of processes on this "
    "machine.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=REPORTS,
    help="Folder to save the run and its findings in.",
    show_default=True,
)
@click.option(
    "--resume",
    metavar="DIRECTORY",
    type=click.Path(path_type=Path, file_okay=False),
    help="Resume the run saved there, with its original options.",
)
@life_option
@click.option("--fail-fast", is_flag=True, help="Stop at the first finding.")
@click.option(
    "--stop-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Stop, as after Ctrl-C, as soon as FILE exists.",
)
@isolate_option
@with_limits
@ignore_option
@fail_on_option
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "github", "junit", "sarif"]),
    default="text",
    metavar="FORMAT",
    help="text for people, json for JSON lines, github for annotations, junit, or sarif.",
    show_default=True,
)
@click.option("--verbose", is_flag=True, help="Show all counts at the end.")
@click.option("--quiet", is_flag=True, help="Show findings only.")
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
    fail_on: tuple[str, ...],
    output_format: str,
    verbose: bool,
    quiet: bool,
) -> ExitCode:
    """Check an engine on random expressions at random points.

    Each bug is shrunk to its smallest case and saved; then the run goes on. ENGINE is what --engine
    takes, or a folder of engines; several are checked one after the other.
    """
    passed = _options_from(ParameterSource.COMMANDLINE)
    replaced = _replaced(passed, _options_from(ParameterSource.DEFAULT_MAP))
    cluster = None if "cluster" in replaced else cluster
    examples = None if "examples" in replaced else examples
    verbose, quiet = verbose and "verbose" not in replaced, quiet and "quiet" not in replaced
    if resume is not None and passed - _WITH_RESUME:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in sorted(passed - _WITH_RESUME))
        message = f"--resume keeps the original options, so leave out {names}"
        raise click.UsageError(message)

    with loading_is_told(spec if resume is None else str(resume)) as loaded:
        with frozen_imports():
            from gradcheck.cli.long_run import (
                Output,
                carry_out,
                new_run,
                resumed_run,
                started,
            )
            from gradcheck.findings.replay import trusted
            from gradcheck.fuzz.options import (
                Options,
                requested_array_operations,
                requested_operations,
            )
            from gradcheck.fuzz.reporters.terminal import Detail
            from gradcheck.fuzz.saved_run import read_run

        detail = Detail.COUNTS if verbose else Detail.FINDINGS if quiet else Detail.USUAL
        shown = Output(output_format, detail, ignore)
        if resume is not None:
            saved = read_run(resume)
            spec = spec if passed & {"spec", "engines"} else trusted(saved.engine)
            with started(spec, saved.limits, workers, cluster) as (engine, processes):
                loaded()
                run = resumed_run(
                    saved,
                    engine,
                    seconds=seconds if "seconds" in passed else None,
                    until_stale=until_stale if "until_stale" in passed else None,
                )
                return carry_out(run, processes, cluster, stop_file, shown)
        if all(limit is None for limit in (seconds, examples, rounds, until_stale)):
            seconds = DEFAULT_SECONDS
        with started(spec, limits, workers, cluster) as (engine, processes):
            loaded()
            options = Options(
                # After the engine is loaded, because its module may register operations.
                operations=requested_operations(ops, engine),
                array_operations=requested_array_operations(ops, engine),
                max_ops=max_ops,
                seed=random.SystemRandom().getrandbits(32) if seed is None else seed,
                seconds=seconds,
                examples=examples,
                output=output,
                fail_fast=fail_fast,
                rounds=rounds,
                until_stale=until_stale,
                life=life,
                fail_on=tuple(FAIL_ON[word] for word in fail_on),
                limits=limits,
            )
            run = new_run(engine, options)
            return carry_out(run, processes, cluster, stop_file, shown)


def _options_from(source: ParameterSource) -> set[str]:
    """Return the names of the parameters that are on the command line, or in the configuration."""
    context = click.get_current_context()
    return {name for name in context.params if context.get_parameter_source(name) is source}


def _replaced(passed: set[str], configured: set[str]) -> set[str]:
    """Return the configured options that a typed one excludes.

    Raises ``UsageError`` if two options that exclude each other come from the same source.
    """
    for pair in _RIVALS:
        if passed.issuperset(pair) or configured.issuperset(pair):
            first, second = pair
            message = f"--{first} and --{second} exclude each other: give only one"
            raise click.UsageError(message)
    rivals = {name: rival for pair in _RIVALS for name, rival in (pair, pair[::-1])}
    return {name for name in configured if rivals.get(name) in passed}
