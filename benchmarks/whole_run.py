"""A whole run, drawing, judging and counting, compared with bare checks of the same cases."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from alternating import Build, Contestant, alternate, measured, one_after_the_other, ratio
from checks import PEERS, TORCH, own_check
from table import Figure, Target

from gradcheck.engine import Value
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.protocol import Engine, Run
from gradcheck.expression import Case
from gradcheck.fuzz.executor import InlineExecutor
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.run import run
from gradcheck.operations import DEFAULT_OPERATIONS

PARTS = ("generation", "engine", "symbolic", "slope", "statistics", "the rest")

_EVERY = 0.001
"""Seconds between two samples of the stack; a system may take fewer."""

Where = tuple[str, str]
"""The names of a module and of a function in it."""


def fuzz(engine: Engine, seed: int, expressions: int) -> None:
    """Carry out a run as the command does, without printing."""
    options = Options(
        operations=DEFAULT_OPERATIONS,
        seed=seed,
        output=Path("nowhere"),
        examples=expressions,
    )
    for _event in run(engine, options, InlineExecutor(engine, options), stopped=lambda: False):
        pass


def judged_cases(seed: int, expressions: int) -> list[Case]:
    """Return all cases of a run."""
    cases: list[Case] = []

    class Recording(ObjectEngine):
        def run(self, case: Case) -> Run:
            cases.append(case)
            return super().run(case)

    fuzz(Recording("engine:Value", Value), seed, expressions)
    return cases


def figures(*, expressions: int, rounds: int, seed: int) -> list[Figure]:
    """Compare the run with each peer's bare checks, with a new seed in each round."""
    seeds = range(seed, seed + rounds + 1)
    groups = [judged_cases(each, expressions) for each in seeds]
    waiting = iter(seeds)
    timings = alternate(
        {
            "fuzz": lambda: fuzz(_engine(), next(waiting), expressions),
            "bare": one_after_the_other(own_check, groups),
            **{
                name: one_after_the_other(_where_it_depends(build), groups)
                for name, build in PEERS.items()
            },
        },
        rounds,
    )
    own = timings["fuzz"]
    per_second = [
        len(cases) / seconds for cases, seconds in zip(groups[1:], own.seconds, strict=True)
    ]
    return [
        Figure(
            "fuzz, cases per second of one core",
            measured(sum(map(len, groups[1:])) / sum(own.seconds), per_second),
        ),
        *(
            Figure(
                f"fuzz, cases per second: as fast as bare {name}",
                ratio(timings[name], own),
                Target(at_least=5.0) if name == TORCH else None,
            )
            for name in PEERS
        ),
        Figure("fuzz, cases per second: cost of its bare checks", ratio(own, timings["bare"])),
    ]


def _engine() -> Engine:
    return ObjectEngine("engine:Value", Value)


def _where_it_depends(build: Build) -> Build:
    """Skip cases whose output depends on no input: a peer has nothing to check there."""

    def build_where_it_depends(case: Case) -> Contestant:
        if any(case.expression.used[: len(case.point)]):
            return build(case)
        return lambda: None

    return build_where_it_depends


def breakdown(*, expressions: int, rounds: int, seed: int) -> list[Figure]:
    """Measure the share of each part of a run in its time."""
    shares: dict[str, list[float]] = {part: [] for part in PARTS}
    for each in range(seed, seed + rounds):
        with _sampled() as counts:
            fuzz(_engine(), each, expressions)
        for part in PARTS:
            shares[part].append(counts[part] / max(counts.total(), 1))
    targets = {"generation": Target(at_most=0.35)}
    return [
        Figure(
            f"fuzz, share of its time: {part}",
            measured(sum(of_rounds) / rounds, of_rounds),
            targets.get(part),
        )
        for part, of_rounds in shares.items()
    ]


@contextmanager
def _sampled() -> Iterator[Counter[str]]:
    """Count within the block how often each part of a run was found at work."""
    counts: Counter[str] = Counter()

    def look(_number: int, frame: FrameType | None) -> None:
        stack = []
        while frame is not None:
            stack.append((frame.f_globals.get("__name__", ""), frame.f_code.co_name))
            frame = frame.f_back
        counts[_part_of(stack)] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)
    try:
        yield counts
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def _part_of(stack: list[Where]) -> str:
    """Return the part of a run that a stack is in. Slopes call the engine, so they come first."""
    modules = {module for module, _ in stack}
    functions = set(stack)
    if any(module.startswith("gradcheck.generation.") for module in modules):
        return "generation"
    if {"gradcheck.fuzz.statistics", "gradcheck.fuzz.coverage"} & modules:
        return "statistics"
    if {"gradcheck.finite_difference", "gradcheck.oracles.slope"} & modules or (
        ("gradcheck.checking", "_finite_difference") in functions
    ):
        return "slope"
    if any(module.startswith(("gradcheck.engine.", "gradcheck.engines.")) for module in modules):
        return "engine"
    if any(module.startswith("gradcheck.oracles.") for module in modules):
        return "symbolic"
    return "the rest"
