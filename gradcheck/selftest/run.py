"""All planted bugs from several seeds, and the healthy engine, on all cores."""

from __future__ import annotations

import gc
import multiprocessing
import statistics
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass

from gradcheck.engines.loading import load_engine
from gradcheck.selftest.trial import Trial, judged, try_to_find
from gradcheck.selftest.zoo import PlantedBug, planted_bugs

SEEDS = (0, 1, 2)

HEALTHY = "gradcheck.engine:Value"

_HEALTHY_EXPRESSIONS = 300
"""For each seed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a planted bug, over all seeds."""

    bug: PlantedBug
    trials: tuple[Trial, ...]

    @property
    def found(self) -> bool:
        """Whether every seed led to it."""
        return all(trial.found for trial in self.trials)

    @property
    def is_right(self) -> bool:
        """Whether there was one finding each time, blamed rightly with and without the nodes."""
        return all(trial.is_right for trial in self.trials)

    @property
    def cases(self) -> float:
        """The median of the cases until it was found."""
        return statistics.median(trial.cases for trial in self.trials)

    @property
    def seconds(self) -> float:
        """The median of the seconds until it was found and shrunk."""
        return statistics.median(trial.seconds for trial in self.trials)

    @property
    def largest(self) -> Trial:
        """The trial with the largest of the smallest cases, or one that went wrong."""
        return max(self.trials, key=lambda trial: (not trial.is_right, trial.size))

    @property
    def least(self) -> int:
        """The fewest operations that are known to show the bug."""
        return self.bug.smallest.expression.size


@dataclass(frozen=True, slots=True)
class Health:
    """What was found where nothing is to be found, in so many gradients with a proof."""

    gradients: int
    false_alarms: int


@dataclass(frozen=True, slots=True)
class SelfTest:
    """The outcome for every planted bug, in the order of the zoo, and for the healthy engine."""

    outcomes: tuple[Outcome, ...]
    health: Health

    @property
    def passed(self) -> bool:
        """Whether all is found and rightly blamed, and the healthy engine is proved to be right."""
        right = all(outcome.found and outcome.is_right for outcome in self.outcomes)
        return right and self.health.false_alarms == 0 and self.health.gradients > 0


def selftest(bugs: Sequence[PlantedBug]) -> Iterator[Outcome | SelfTest]:
    """Try every bug; yields an ``Outcome`` as soon as it is known, and the ``SelfTest`` last."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=context, initializer=_prepare) as pool:
        try:
            healthy = [pool.submit(_health, seed) for seed in SEEDS]
            trials = {
                pool.submit(_trial, bug.name, seed): (bug, seed) for bug in bugs for seed in SEEDS
            }
            outcomes = {}
            for outcome in _outcomes(trials):
                outcomes[outcome.bug.name] = outcome
                yield outcome
            health = [future.result() for future in healthy]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    yield SelfTest(
        outcomes=tuple(outcomes[bug.name] for bug in bugs),
        health=Health(
            gradients=sum(part.gradients for part in health),
            false_alarms=sum(part.false_alarms for part in health),
        ),
    )


def _prepare() -> None:
    """Keep garbage collection from walking through SymPy again and again, which takes long."""
    gc.collect()
    gc.freeze()


def _outcomes(trials: dict[Future[Trial], tuple[PlantedBug, int]]) -> Iterator[Outcome]:
    done: dict[str, dict[int, Trial]] = {}
    for future in as_completed(trials):
        bug, seed = trials[future]
        by_seed = done.setdefault(bug.name, {})
        by_seed[seed] = future.result()
        if len(by_seed) == len(SEEDS):
            yield Outcome(bug, tuple(by_seed[seed] for seed in SEEDS))


def _trial(name: str, seed: int) -> Trial:
    [bug] = planted_bugs(name)
    return try_to_find(bug, seed, going_on=seed == SEEDS[0])


def _health(seed: int) -> Health:
    finished = judged(load_engine(HEALTHY), seed, _HEALTHY_EXPRESSIONS, fail_fast=False)
    judged_numbers = finished.state.statistics
    proved = judged_numbers.gradients - judged_numbers.undecided_gradients
    return Health(proved, len(finished.findings))
