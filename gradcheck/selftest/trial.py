"""A search for one planted bug, from one seed."""

from __future__ import annotations

import contextlib
import io
import time
from dataclasses import dataclass
from pathlib import Path

from gradcheck.checking import check
from gradcheck.engines.protocol import Engine
from gradcheck.engines.without_nodes import EngineWithoutNodes
from gradcheck.findings.finding import Finding
from gradcheck.formula import write
from gradcheck.fuzz.events import Finished
from gradcheck.fuzz.executor import InlineExecutor
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.run import run
from gradcheck.operations import DEFAULT_OPERATIONS
from gradcheck.selftest.zoo import PlantedBug

MOST_CASES = 2000
"""Cases within which a bug has to be found."""

_EXPRESSIONS = 650
"""Enough for so many cases."""

_EXPRESSIONS_GOING_ON = 12
"""Dozens of cases of most bugs, and few enough where each costs a second, as a hang does."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a search for one bug.

    ``findings`` is how many bugs were reported, at most; the rest is about the first of them.
    ``blamed`` is by the engine's own nodes, ``blamed_by_probing`` without a look at them.
    """

    findings: int
    cases: int
    seconds: float
    kind: str = ""
    signature: str = ""
    formula: str = ""
    size: int = 0
    blamed: bool = False
    blamed_by_probing: bool = False

    @property
    def found(self) -> bool:
        """Whether there was a finding, within the cases that are allowed."""
        return self.findings > 0 and self.cases <= MOST_CASES

    @property
    def is_right(self) -> bool:
        """Whether there was one finding, and the blame right in both bindings."""
        return self.found and self.findings == 1 and self.blamed and self.blamed_by_probing


def try_to_find(bug: PlantedBug, seed: int, *, going_on: bool) -> Trial:
    """Look for a planted bug until it is found, or not within the cases that are allowed.

    ``going_on`` also runs for a while without stopping there, as one bug has to stay one finding.
    """
    begin = time.perf_counter()
    finished = judged(bug.engine, seed, _EXPRESSIONS, fail_fast=True)
    seconds = time.perf_counter() - begin
    if not finished.findings:
        return Trial(findings=0, cases=finished.state.statistics.cases, seconds=seconds)
    finding = finished.findings[0].finding
    longer = (
        judged(bug.engine, seed, _EXPRESSIONS_GOING_ON, fail_fast=False) if going_on else finished
    )
    return Trial(
        findings=max(len(finished.findings), len(longer.findings)),
        cases=finding.cases,
        seconds=seconds,
        kind=finding.kind.value,
        signature=finding.verdict.signature,
        formula=write(finding.verdict.case.expression),
        size=finding.verdict.case.expression.size,
        blamed=bug.is_blamed_by(finding.verdict.blame),
        blamed_by_probing=_is_blamed_by_probing(bug, finding),
    )


def _is_blamed_by_probing(bug: PlantedBug, finding: Finding) -> bool:
    verdict = check(finding.verdict.case, EngineWithoutNodes(bug.engine))
    return bug.is_blamed_by(verdict.blame)


def judged(engine: Engine, seed: int, expressions: int, *, fail_fast: bool) -> Finished:
    """A run over so many expressions; what the engine prints is dropped."""
    options = Options(
        operations=DEFAULT_OPERATIONS,
        max_ops=10,
        seed=seed,
        seconds=None,
        examples=expressions,
        output=Path("nowhere"),
        fail_fast=fail_fast,
    )
    with contextlib.redirect_stdout(io.StringIO()):
        *_, finished = run(engine, options, InlineExecutor(engine, options), stopped=lambda: False)
    assert isinstance(finished, Finished)
    return finished
