"""A search for one planted bug, from one seed."""

from __future__ import annotations

import contextlib
import io
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gradcheck.checking import check
from gradcheck.engines.arrays.protocol import AnyEngine
from gradcheck.engines.without_nodes import EngineWithoutNodes
from gradcheck.expression import Case
from gradcheck.findings.finding import Finding
from gradcheck.formula import write
from gradcheck.fuzz.events import Event, Finished, Found
from gradcheck.fuzz.executor import InlineExecutor
from gradcheck.fuzz.options import Options, requested_array_operations
from gradcheck.fuzz.run import run
from gradcheck.operations import ALL, DEFAULT_OPERATIONS
from gradcheck.selftest.array_zoo import PlantedArrayBug
from gradcheck.selftest.zoo import PlantedBug
from gradcheck.verdict import Verdict

MAX_CASES = 2000
"""Cases within which a bug has to be found."""

MAX_PROGRAMS = 500
"""Programs of arrays within which a bug of arrays has to be found."""

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


def search_arrays(bug: PlantedArrayBug, seed: int) -> Trial:
    """Search for a planted bug of arrays until it is rightly blamed or the programs are used up.

    Blame always probes here. One bug may be several findings: a sum that is wrong shows in the mean
    as well, and one that is missing in every operation that broadcasts.
    """
    begin = time.perf_counter()
    engine = bug.engine
    first: Trial | None = None
    for event in _events(engine, _options(engine, seed, MAX_PROGRAMS, fail_fast=False)):
        if isinstance(event, Found):
            trial = _of_arrays(bug, event.finding, round(time.perf_counter() - begin, 3))
            if trial.is_right:
                return trial
            first = first or trial
        elif isinstance(event, Finished) and first is None:
            seconds = round(time.perf_counter() - begin, 3)
            first = Trial(findings=0, cases=event.state.statistics.cases, seconds=seconds)
    assert first is not None
    return first


def _of_arrays(bug: PlantedArrayBug, finding: Finding, seconds: float) -> Trial:
    verdict = finding.verdict
    assert not isinstance(verdict, Verdict)
    is_right = bug.is_shown_by(verdict)
    return Trial(
        findings=1,
        cases=finding.cases,
        seconds=seconds,
        kind=finding.kind.value,
        signature=verdict.signature,
        expression=verdict.case.formula,
        size=verdict.case.program.size,
        blamed=is_right,
        blamed_by_probing=is_right,
    )


def _is_blamed_by_probing(bug: PlantedBug, finding: Finding) -> bool:
    case = finding.verdict.case
    assert isinstance(case, Case)
    verdict = check(case, EngineWithoutNodes(bug.engine))
    return bug.is_blamed_by(verdict.blame)


def finished_run(engine: AnyEngine, seed: int, examples: int, *, fail_fast: bool) -> Finished:
    """Return the last event of a run."""
    *_, finished = _events(engine, _options(engine, seed, examples, fail_fast=fail_fast))
    assert isinstance(finished, Finished)
    return finished


def _options(engine: AnyEngine, seed: int, examples: int, *, fail_fast: bool) -> Options:
    return Options(
        operations=DEFAULT_OPERATIONS,
        array_operations=requested_array_operations(ALL, engine),
        seed=seed,
        output=Path("nowhere"),
        examples=examples,
        fail_fast=fail_fast,
    )


def _events(engine: AnyEngine, options: Options) -> Iterator[Event]:
    """Yield the events of a run; what the engine prints and warns of is dropped."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from run(engine, options, InlineExecutor(engine, options), stopped=lambda: False)
