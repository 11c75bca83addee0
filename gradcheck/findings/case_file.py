"""``case.json``: a finding as data, with all that is needed to judge its cases again."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck.engines.own_operations import place_of
from gradcheck.errors import UserError
from gradcheck.findings.converter import (
    case_as_data,
    new_converter,
    register,
    structure,
    unstructure,
)
from gradcheck.findings.expected import expect, refuse
from gradcheck.findings.finding import Finding, Sighting
from gradcheck.findings.json_file import Data, dump, load, reading
from gradcheck.operations import BUILT_IN, OPERATIONS, Operation
from gradcheck.report import Report

if TYPE_CHECKING:
    from cattrs import Converter

FORMAT_VERSION = 3
"""Since format 2, a case may have steps, and since 3, be one of arrays. All can be read."""

FILE_NAME = "case.json"

_PACKAGES = ("gradcheck", "hypothesis", "python-flint", "sympy")


class CaseFileError(UserError):
    """A case file that cannot be read. The message is one line: which file, why, what to do."""


@dataclass(frozen=True, slots=True)
class SavedFinding:
    """A finding read from a case file: its smallest and its worst case, and its sightings.

    ``engine`` is the spec of the engine with the bug. ``operations`` are the user's own operations
    in the two cases, each with the module or file that registers it, if that is known.
    """

    path: Path
    engine: str
    smallest: Report
    worst: Report
    seen: tuple[Sighting, ...]
    operations: dict[str, str | None]

    @property
    def unregistered(self) -> list[str]:
        """The names of operations that the table lacks, so that the cases cannot be judged."""
        used = (*self.smallest.case.operations, *self.worst.case.operations)
        return sorted({o.name for o in used if isinstance(o, Operation)} - OPERATIONS.keys())

    @property
    def times(self) -> int:
        """The number of cases that showed the bug, in all runs."""
        return sum(sighting.times for sighting in self.seen)

    @property
    def sightings(self) -> str:
        """A sentence on how often the bug was seen, and when."""
        times = f"{self.times:,} {'time' if self.times == 1 else 'times'}"
        runs = f"{len(self.seen):,} {'run' if len(self.seen) == 1 else 'runs'}"
        last = max(sighting.last for sighting in self.seen)
        return f"Seen {times} in {runs}, last on {last:%Y-%m-%d %H:%M} UTC."


@dataclass(frozen=True, slots=True)
class _OwnOperations:
    operations: dict[str, str | None] = field(default_factory=dict)


def case_file(finding: Finding, *, seen_before: Sequence[Sighting]) -> str:
    """Return the text of a finding's case file. ``seen_before`` are the sightings of other runs."""
    seen: list[Data] = [
        unstructure(sighting, _converter()) for sighting in (*seen_before, finding.seen)
    ]
    return dump(
        {
            "format": FORMAT_VERSION,
            "engine": finding.verdict.engine,
            **_case_and_verdict(finding.verdict.report),
            "worst": _case_and_verdict(finding.worst.report),
            **_own_operations(finding),
            "seen": seen,
            "versions": versions(),
        }
    )


def _own_operations(finding: Finding) -> dict[str, Data]:
    """Return where the user's own operations are registered; nothing if there are none."""
    used = (*finding.verdict.case.operations, *finding.worst.case.operations)
    own = sorted({o.name for o in used if isinstance(o, Operation) and o.row not in BUILT_IN})
    places: dict[str, Data] = {name: place_of(name) for name in own}
    return {"operations": places} if places else {}


def versions() -> dict[str, Data]:
    """Return the versions of Python and of the packages that proofs depend on."""
    packages: dict[str, Data] = {package: version(package) for package in _PACKAGES}
    return {"python": platform.python_version(), **packages}


def report_as_data(report: Report) -> dict[str, Data]:
    """Return a report as data, without the engine and the case, which a file has beside it."""
    data = unstructure(report)
    del data["engine"], data["case"]
    if report.blame is not None:
        blame = expect(data["blame"], dict, "a blame")
        sentence, certain = report.blame.sentence, report.blame.is_certain
        data["blame"] = {"sentence": sentence, "certain": certain, **blame}
    return {**data, "expression": report.formula, "point": unstructure(dict(report.case.numbers))}


def read_finding(path: Path) -> SavedFinding:
    """Return the finding in a case file, or in a folder that has one. Raises ``CaseFileError``.

    No code is run: an operation that the file names as the user's own, and that nothing has
    registered yet, can be shown and not computed.
    """
    if path.is_dir():
        path = path / FILE_NAME
    with reading(path, CaseFileError, missing=f"name a finding's folder or its {FILE_NAME}"):
        return _finding(path, load(path, newest_format=FORMAT_VERSION))


def saved_findings(folder: Path) -> list[Path]:
    """Return the case files below a folder, sorted by path."""
    return sorted(folder.rglob(FILE_NAME))


def _case_and_verdict(report: Report) -> dict[str, Data]:
    return {"case": case_as_data(report.case), "verdict": report_as_data(report)}


def _finding(path: Path, data: dict[str, Data]) -> SavedFinding:
    engine = data.get("engine")
    own = structure(data, _OwnOperations).operations
    content: dict[str, Data] = {
        "path": str(path),
        "engine": engine,
        "smallest": _report(engine, data),
        "worst": _report(engine, data.get("worst")),
        "seen": data.get("seen") or refuse(data.get("seen"), 'a list with an entry as "seen"'),
        "operations": {**own},
    }
    return structure(content, SavedFinding, _converter(frozenset(own)))


def _report(engine: Data, data: Data) -> Data:
    """Return the data of a report from that of a case and its verdict."""
    match data:
        case {"case": case, "verdict": dict(verdict)}:
            return {**verdict, "engine": engine, "case": case}
    return refuse(data, "a case with its verdict")


@cache
def _converter(unregistered: frozenset[str] = frozenset()) -> Converter:
    made = new_converter(unregistered)
    register(made, Sighting)
    return made
