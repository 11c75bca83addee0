"""Reading ``case.json``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gradcheck.errors import UserError
from gradcheck.findings.case_file import FILE_NAME, FORMAT_VERSION
from gradcheck.findings.converter import refuse, structure
from gradcheck.findings.json_file import Data, load, reading
from gradcheck.findings.sighting import Sighting
from gradcheck.report import Report


class CaseFileError(UserError):
    """A case file that cannot be read; the message is one line: which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class SavedFinding:
    """A finding as it was saved in a file: the smallest case, the worst one, and when it was seen.

    ``engine`` is the spec of the engine that was found to be wrong.
    """

    path: Path
    engine: str
    smallest: Report
    worst: Report
    seen: tuple[Sighting, ...]

    @property
    def times(self) -> int:
        """How many cases have shown it, in all runs."""
        return sum(sighting.times for sighting in self.seen)

    @property
    def sightings(self) -> str:
        """How often it was seen, and when, in a sentence."""
        times = f"{self.times:,} {'time' if self.times == 1 else 'times'}"
        runs = f"{len(self.seen):,} {'run' if len(self.seen) == 1 else 'runs'}"
        last = max(sighting.last for sighting in self.seen)
        return f"Seen {times} in {runs}, last on {last:%Y-%m-%d %H:%M} UTC."


def read_finding(path: Path) -> SavedFinding:
    """Read a case file, or the one in a folder. Raises ``CaseFileError``."""
    if path.is_dir():
        path = path / FILE_NAME
    with reading(path, CaseFileError, missing=f"name a finding's folder or its {FILE_NAME}"):
        return _finding(path, load(path, newest_format=FORMAT_VERSION))


def _finding(path: Path, data: dict[str, Data]) -> SavedFinding:
    engine = data.get("engine")
    content: dict[str, Data] = {
        "path": str(path),
        "engine": engine,
        "smallest": _judged(engine, data),
        "worst": _judged(engine, data.get("worst")),
        "seen": data.get("seen") or refuse(data.get("seen"), "seen: a list with an entry"),
    }
    return structure(content, SavedFinding)


def _judged(engine: Data, data: Data) -> Data:
    """The data of a report; in a file, its engine and its case stand beside it."""
    match data:
        case {"case": case, "verdict": dict(verdict)}:
            return {**verdict, "engine": engine, "case": case}
    return refuse(data, "a case with its verdict")


def saved_findings(folder: Path) -> list[Path]:
    """The case files below a folder, in the order of their paths."""
    return sorted(folder.rglob(FILE_NAME))
