"""Reading ``case.json``: data from anywhere, of which nothing is believed and nothing is run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gradcheck.errors import UserError
from gradcheck.expression import Case
from gradcheck.findings.case_file import FILE_NAME, FORMAT_VERSION
from gradcheck.findings.decoding import (
    case_from_data,
    report_from_data,
    sighting_from_data,
)
from gradcheck.findings.encoding import Data
from gradcheck.findings.json_file import load
from gradcheck.findings.json_values import refuse
from gradcheck.findings.sighting import Sighting
from gradcheck.report import Report


class CaseFileError(UserError):
    """A file that is no case; the message is one line: which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class SavedCase:
    """A case and what was said of it when it was saved."""

    case: Case
    report: Report


@dataclass(frozen=True, slots=True)
class SavedFinding:
    """A finding as it was saved in a file: the smallest case, the worst one, and when it was seen.

    ``engine`` is the spec of the engine that was found to be wrong.
    """

    path: Path
    engine: str
    smallest: SavedCase
    worst: SavedCase
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
    try:
        return _finding(path, load(path))
    except FileNotFoundError:
        message = f"there is no {path}; name a finding's folder or its {FILE_NAME}"
        raise CaseFileError(message) from None
    except (OSError, ValueError, OverflowError) as error:
        reason = " ".join(str(error).split())
        message = f"{path} is no case that can be read: {reason}"
        raise CaseFileError(message) from None


def _finding(path: Path, data: Data) -> SavedFinding:
    match data:
        case {"format": bool()}:
            refuse(data, expected="a number for its format")
        case {"format": int(number)} if number > FORMAT_VERSION:
            message = f"it has format {number}, this gradcheck reads {FORMAT_VERSION}; update it"
            raise ValueError(message)
        case {"format": 1, "engine": str(engine), "worst": worst, "seen": [_, *_] as seen}:
            return SavedFinding(
                path=path,
                engine=engine,
                smallest=_saved_case(engine, data),
                worst=_saved_case(engine, worst),
                seen=tuple(map(sighting_from_data, seen)),
            )
    return refuse(data, expected="a finding")


def _saved_case(engine: str, data: Data) -> SavedCase:
    match data:
        case {"case": case_data, "verdict": verdict}:
            case = case_from_data(case_data)
            return SavedCase(case, report_from_data(engine, case, verdict))
    return refuse(data, expected="a case with its verdict")


def saved_findings(folder: Path) -> list[Path]:
    """The case files below a folder, in the order of their paths."""
    return sorted(folder.rglob(FILE_NAME))
