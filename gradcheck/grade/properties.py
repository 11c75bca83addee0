"""Count the properties of a correct gradient that an engine has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from gradcheck.checking import check
from gradcheck.conformance.array_properties import ARRAY_PROPERTIES, case_of_arrays
from gradcheck.conformance.properties import properties
from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine, what_is_missing
from gradcheck.findings.replay import missing_operations
from gradcheck.lifecycle.run import LifecycleOutcome, run_check
from gradcheck.lifecycle.steps import CHECKS
from gradcheck.operations import OPERATIONS
from gradcheck.report import AnyCase

if TYPE_CHECKING:
    from gradcheck.checking import AnyVerdict

C = TypeVar("C", bound=AnyCase)


@dataclass(frozen=True, slots=True)
class Judged:
    """A property, and whether it holds; ``verdict`` shows why not, where a case was judged."""

    name: str
    holds: bool
    verdict: AnyVerdict | None = None


def judged(engine: AnyEngine, costly: Collection[str]) -> Iterator[Judged]:
    """Yield each property that applies to an engine.

    An operation whose name is among the ``costly``, because it does not end for example, is not run
    again: its properties do not hold.
    """
    if isinstance(engine, ArrayEngine):
        yield from _judged_arrays(engine, costly)
        return
    judge = partial(check, engine=engine, whole_formula=False)
    for each in properties():
        if not any(missing_operations(case, engine) for case in each.cases):
            yield _judged(each.name, each.cases, costly, judge)


def _judged_arrays(engine: ArrayEngine, costly: Collection[str]) -> Iterator[Judged]:
    judge = partial(check, engine=engine)
    for group, formulas in ARRAY_PROPERTIES.items():
        for formula in formulas:
            case = case_of_arrays(formula)
            if not what_is_missing(case, engine):
                yield _judged(f"{group}: {formula}", (case,), costly, judge)


def judged_lifecycle(engine: AnyEngine, costly: Collection[str]) -> Iterator[Judged]:
    """Yield each property of engines that are used more than once, without costly operations."""
    operations = [operation for name, operation in OPERATIONS.items() if name not in costly]
    for each in CHECKS:
        result = run_check(each, engine, operations=operations)
        if result.outcome is not LifecycleOutcome.NOT_APPLICABLE:
            yield Judged(f"{each.value}: {each.reason}", holds=result.verdict is None)


def _judged(
    name: str, cases: Iterable[C], costly: Collection[str], judge: Callable[[C], AnyVerdict]
) -> Judged:
    for case in cases:
        if any(operation.name in costly for operation in case.operations):
            return Judged(name, holds=False)
        verdict = judge(case)
        if verdict.is_finding:
            return Judged(name, holds=False, verdict=verdict)
    return Judged(name, holds=True)
