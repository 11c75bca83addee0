"""Findings and other ends of a run, in the form that reports for tools are made of."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gradcheck.engines.arrays.protocol import AnyEngine
from gradcheck.engines.source import source_of
from gradcheck.findings.annotation import in_repository
from gradcheck.fuzz.events import Finished, Found
from gradcheck.fuzz.reporters.summary import abandoned
from gradcheck.kind import Kind
from gradcheck.notation import in_one_line
from gradcheck.table import as_text, place

_MAX_LENGTH = 200
"""Characters of a formula or of a point in a message."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding: what it is, in which file and line of the repository, and where it is saved.

    ``file`` is ``None`` where the engine is not in the repository. ``is_ignored`` says that the
    finding does not fail the run. ``table`` is the verdict as text of several lines.
    """

    signature: str
    kind: Kind
    sentences: tuple[str, ...]
    table: str
    folder: Path
    file: str | None
    line: int | None
    is_ignored: bool

    @property
    def replay(self) -> str:
        """The command that checks the finding again."""
        return f"python -m gradcheck replay {shlex.quote(self.folder.as_posix())}"


def problems_of(event: Finished, engine: AnyEngine, ignore: str | None) -> list[Problem]:
    """Return the findings of a run; ``ignore`` is the option of that name."""
    return [_problem(found, engine, ignore) for found in event.findings]


def failures_of(event: Finished) -> Iterator[str]:
    """Yield sentences on why a run fails or says nothing, other than by a finding."""
    if event.interrupted:
        yield f"Interrupted after {event.state.seconds:.1f} s."
    yield from abandoned(event.state.statistics)
    if not event.findings and not event.state.statistics.decided:
        yield f"Nothing could be checked of {event.started.engine}."


def _problem(found: Found, engine: AnyEngine, ignore: str | None) -> Problem:
    report = found.finding.verdict.report
    formula = in_one_line(report.formula, _MAX_LENGTH)
    at = in_one_line(place(report.engine, report.case.numbers), _MAX_LENGTH)
    source = source_of(engine, report.blame.operations if report.blame else ())
    file = None if source is None else in_repository(source.file)
    return Problem(
        signature=found.signature,
        kind=found.finding.kind,
        sentences=(f"{formula} by {at}.", *filter(None, [report.steps]), *report.conclusion),
        table=as_text(report),
        folder=found.path,
        file=file,
        line=None if file is None or source is None else source.line,
        is_ignored=ignore is not None and found.finding.only_loses_digits,
    )
