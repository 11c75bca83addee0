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
from gradcheck.expression import Case
from gradcheck.findings.finding import Finding
from gradcheck.formula import write
from gradcheck.fuzz.events import Finished
from gradcheck.fuzz.executor import InlineExecutor
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.run import run
from gradcheck.operations import DEFAULT_OPERATIONS
from gradcheck.selftest.zoo import PlantedBug

MAX_CASES = 2000
"""Cases within which a bug has to be found."""

_EXPRESSIONS = 650
"""Enough expressions for that many cases."""

_EXPRESSIONS_LONGER = 12
"""Enough for dozens of cases of most bugs, and few enough where each costs a second: a hang."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of a search for one bug.

    ``findings`` is the number of bugs reported; the rest is about the first of them. ``blamed``
    tells that the blame by the engine's own nodes is right, and ``blamed_by_probing`` that the
    blame without them is.
    """

    findings: int
    cases: int
    seconds: float
    kind: str = ""
    signature: str = ""
    expression: str = ""
    size: int = 0
    blamed: bool = False
    blamed_by_probing: bool = False

    @property
    def found(self) -> bool:
        """Whether there was a finding within ``MAX_CASES`` cases."""
        return self.findings > 0 and self.cases <= MAX_CASES

    @property
    def is_right(self) -> bool:
        """Whether there was exactly one finding, with the right blame both ways."""
        return self.found and self.findings == 1 and self.blamed and self.blamed_by_probing


def search(bug: PlantedBug, seed: int, *, and_longer: bool) -> Trial:
    """Search for a planted bug until it is found or the cases are used up.

    With ``and_longer`` a second run does not stop at the finding: one bug has to stay one finding.
    """
    begin = time.perf_counter()
    finished = finished_run(bug.engine, seed, _EXPRESSIONS, fail_fast=True)
    seconds = round(time.perf_counter() - begin, 3)
    if not finished.findings:
        return Trial(findings=0, cases=finished.state.statistics.cases, seconds=seconds)
    finding = finished.findings[0].finding
    smallest = finding.verdict.case.expression
    findings = len(finished.findings)
    if and_longer:
        longer = finished_run(bug.engine, seed, _EXPRESSIONS_LONGER, fail_fast=False)
        findings = max(findings, len(longer.findings))
    return Trial(
        findings=findings,
        cases=finding.cases,
        seconds=seconds,
        kind=finding.kind.value,
        signature=finding.verdict.signature,
        expression=write(smallest),
        size=smallest.size,
        blamed=bug.is_blamed_by(finding.verdict.blame),
        blamed_by_probing=_is_blamed_by_probing(bug, finding),
    )


def _is_blamed_by_probing(bug: PlantedBug, finding: Finding) -> bool:
    case = finding.verdict.case
    assert isinstance(case, Case)
    verdict = check(case, EngineWithoutNodes(bug.engine))
    return bug.is_blamed_by(verdict.blame)


def finished_run(engine: Engine, seed: int, examples: int, *, fail_fast: bool) -> Finished:
    """Return the last event of a run; what the engine prints is dropped."""
    options = Options(
        operations=DEFAULT_OPERATIONS,
        seed=seed,
        output=Path("nowhere"),
        examples=examples,
        fail_fast=fail_fast,
    )
    with contextlib.redirect_stdout(io.StringIO()):
        *_, finished = run(engine, options, InlineExecutor(engine, options), stopped=lambda: False)
    assert isinstance(finished, Finished)
    return finished
