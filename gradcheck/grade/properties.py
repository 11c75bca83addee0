"""Count the properties of a correct gradient that an engine has."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from gradcheck.checking import check
from gradcheck.conformance.properties import Property, properties
from gradcheck.engines.protocol import Engine
from gradcheck.findings.replay import missing_operations
from gradcheck.lifecycle.run import LifecycleOutcome, run_check
from gradcheck.lifecycle.steps import CHECKS
from gradcheck.operations import Operation
from gradcheck.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A property, and whether it holds; ``verdict`` shows why not, where a case was judged."""

    name: str
    holds: bool
    verdict: Verdict | None = None


def judged(engine: Engine, costly: Collection[Operation]) -> Iterator[Judged]:
    """Yield each property that applies to an engine.

    An operation that is ``costly``, because it does not end for example, is not run again: its
    properties do not hold.
    """
    for each in properties():
        if not any(missing_operations(case, engine) for case in each.cases):
            yield _judged(each, engine, costly)


def judged_lifecycle(engine: Engine, costly: Collection[Operation]) -> Iterator[Judged]:
    """Yield each property of engines that are used more than once, without costly operations."""
    operations = engine.operations - set(costly)
    for each in CHECKS:
        result = run_check(each, engine, operations=operations)
        if result.outcome is not LifecycleOutcome.NOT_APPLICABLE:
            yield Judged(f"{each.value}: {each.reason}", holds=result.verdict is None)


def _judged(each: Property, engine: Engine, costly: Collection[Operation]) -> Judged:
    for case in each.cases:
        if not case.operations.isdisjoint(costly):
            return Judged(each.name, holds=False)
        verdict = check(case, engine, whole_formula=False)
        if verdict.is_finding:
            return Judged(each.name, holds=False, verdict=verdict)
    return Judged(each.name, holds=True)
