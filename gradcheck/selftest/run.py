"""Search for all planted bugs from several seeds, and check correct engines, on all cores."""

from __future__ import annotations

import gc
import multiprocessing
import statistics
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass

from gradcheck.engines.loading import load_any_engine
from gradcheck.selftest.array_zoo import PlantedArrayBug, planted_array_bugs
from gradcheck.selftest.trial import Trial, finished_run, search, search_arrays
from gradcheck.selftest.zoo import PlantedBug, planted_bugs

SEEDS = (0, 1, 2)

HEALTHY = "gradcheck.engine:Value"
HEALTHY_ARRAYS = "gradcheck.engine.broken.tensor:Tensor"

_HEALTHY_EXPRESSIONS = 300
"""Expressions, or programs of arrays, for each seed."""

AnyBug = PlantedBug | PlantedArrayBug


@dataclass(frozen=True, slots=True)
class BugResult:
    """The trials of a planted bug, one for each seed."""

    bug: AnyBug
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


@dataclass(frozen=True, slots=True)
class Health:
    """The result for a correct engine: gradients with a proof, and false alarms."""

    engine: str
    gradients: int
    false_alarms: int


@dataclass(frozen=True, slots=True)
class SelfTest:
    """The results for all planted bugs, in the order of the zoo, and for the correct engines."""

    bugs: tuple[BugResult, ...]
    health: tuple[Health, ...]

    @property
    def passed(self) -> bool:
        """Whether all bugs are found with the right blame, and correct engines proved right."""
        right = all(bug.is_right for bug in self.bugs)
        return right and all(h.false_alarms == 0 and h.gradients > 0 for h in self.health)


def selftest(bugs: Sequence[AnyBug]) -> Iterator[BugResult | SelfTest]:
    """Search for every bug; yield each ``BugResult`` when it is known, and ``SelfTest`` last."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=context, initializer=_prepare) as pool:
        try:
            healthy = {
                spec: [pool.submit(_health, spec, seed) for seed in SEEDS]
                for spec in dict.fromkeys(map(_healthy_twin, bugs))
            }
            trials = {
                pool.submit(_trial, bug.name, seed): (bug, seed) for bug in bugs for seed in SEEDS
            }
            results = {}
            for result in _results(trials):
                results[result.bug.name] = result
                yield result
            health = {
                spec: [future.result() for future in futures] for spec, futures in healthy.items()
            }
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    yield SelfTest(
        bugs=tuple(results[bug.name] for bug in bugs),
        health=tuple(
            Health(spec, *(sum(numbers) for numbers in zip(*parts, strict=True)))
            for spec, parts in health.items()
        ),
    )


def _prepare() -> None:
    """Keep every garbage collection from walking through SymPy again."""
    gc.collect()
    gc.freeze()


def _results(trials: dict[Future[Trial], tuple[AnyBug, int]]) -> Iterator[BugResult]:
    done: dict[str, dict[int, Trial]] = {}
    for future in as_completed(trials):
        bug, seed = trials[future]
        by_seed = done.setdefault(bug.name, {})
        by_seed[seed] = future.result()
        if len(by_seed) == len(SEEDS):
            yield BugResult(bug, tuple(by_seed[seed] for seed in SEEDS))


def _healthy_twin(bug: AnyBug) -> str:
    return HEALTHY if isinstance(bug, PlantedBug) else HEALTHY_ARRAYS


def _trial(name: str, seed: int) -> Trial:
    for bug in planted_bugs():
        if bug.name == name:
            return search(bug, seed, and_longer=seed == SEEDS[0])
    [of_arrays] = (bug for bug in planted_array_bugs() if bug.name == name)
    return search_arrays(of_arrays, seed)


def _health(spec: str, seed: int) -> tuple[int, int]:
    """Return the number of gradients with a proof, and of findings."""
    engine = load_any_engine(spec)
    finished = finished_run(engine, seed, _HEALTHY_EXPRESSIONS, fail_fast=False)
    statistics = finished.state.statistics
    proved = statistics.gradients - statistics.unproved_gradients
    return proved, len(finished.findings)
