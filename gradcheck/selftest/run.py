"""Search for all planted bugs from several seeds, and check a correct engine, on all cores."""

from __future__ import annotations

import gc
import multiprocessing
import statistics
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass

from gradcheck.engines.loading import load_engine
from gradcheck.selftest.trial import Trial, finished_run, search
from gradcheck.selftest.zoo import PlantedBug, planted_bugs

SEEDS = (0, 1, 2)

HEALTHY = "gradcheck.engine:Value"

_HEALTHY_EXPRESSIONS = 300
"""Expressions for each seed."""


@dataclass(frozen=True, slots=True)
class BugResult:
    """The trials of a planted bug, one for each seed."""

    bug: PlantedBug
    trials: tuple[Trial, ...]

    @property
    def found(self) -> bool:
        """Whether the bug was found from every seed."""
        return all(trial.found for trial in self.trials)

    @property
    def is_right(self) -> bool:
        """Whether every trial led to one finding with the right blame."""
        return all(trial.is_right for trial in self.trials)

    @property
    def cases(self) -> float:
        """The median number of cases until the bug was found."""
        return statistics.median(trial.cases for trial in self.trials)

    @property
    def seconds(self) -> float:
        """The median time until the bug was found and shrunk."""
        return statistics.median(trial.seconds for trial in self.trials)

    @property
    def worst(self) -> Trial:
        """A trial that is not right, or else the one that ended with the largest case."""
        return max(self.trials, key=lambda trial: (not trial.is_right, trial.size))

    @property
    def smallest_known_size(self) -> int:
        """The number of operations in the smallest known case."""
        return self.bug.smallest.expression.size


@dataclass(frozen=True, slots=True)
class Health:
    """The result for the correct engine: gradients with a proof, and false alarms."""

    gradients: int
    false_alarms: int


@dataclass(frozen=True, slots=True)
class SelfTest:
    """The results for all planted bugs, in the order of the zoo, and for the correct engine."""

    bugs: tuple[BugResult, ...]
    health: Health

    @property
    def passed(self) -> bool:
        """Whether all bugs are found with the right blame, and the correct engine proved right."""
        right = all(bug.is_right for bug in self.bugs)
        return right and self.health.false_alarms == 0 and self.health.gradients > 0


def selftest(bugs: Sequence[PlantedBug]) -> Iterator[BugResult | SelfTest]:
    """Search for every bug; yield each ``BugResult`` when it is known, and ``SelfTest`` last."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=context, initializer=_prepare) as pool:
        try:
            healthy = [pool.submit(_health, seed) for seed in SEEDS]
            trials = {
                pool.submit(_trial, bug.name, seed): (bug, seed) for bug in bugs for seed in SEEDS
            }
            results = {}
            for result in _results(trials):
                results[result.bug.name] = result
                yield result
            health = [future.result() for future in healthy]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    yield SelfTest(
        bugs=tuple(results[bug.name] for bug in bugs),
        health=Health(
            gradients=sum(part.gradients for part in health),
            false_alarms=sum(part.false_alarms for part in health),
        ),
    )


def _prepare() -> None:
    """Keep every garbage collection from walking through SymPy again."""
    gc.collect()
    gc.freeze()


def _results(trials: dict[Future[Trial], tuple[PlantedBug, int]]) -> Iterator[BugResult]:
    done: dict[str, dict[int, Trial]] = {}
    for future in as_completed(trials):
        bug, seed = trials[future]
        by_seed = done.setdefault(bug.name, {})
        by_seed[seed] = future.result()
        if len(by_seed) == len(SEEDS):
            yield BugResult(bug, tuple(by_seed[seed] for seed in SEEDS))


def _trial(name: str, seed: int) -> Trial:
    [bug] = planted_bugs(name)
    return search(bug, seed, and_longer=seed == SEEDS[0])


def _health(seed: int) -> Health:
    engine = load_engine(HEALTHY)
    finished = finished_run(engine, seed, _HEALTHY_EXPRESSIONS, fail_fast=False)
    statistics = finished.state.statistics
    proved = statistics.gradients - statistics.unproved_gradients
    return Health(proved, len(finished.findings))
