"""A saved finding judged once more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gradcheck.adapters.engine import Engine
from gradcheck.adapters.loading import EngineLoadError, load_engine
from gradcheck.adapters.options import place_of
from gradcheck.check import check
from gradcheck.expression import Case
from gradcheck.findings.reading import CaseFileError, SavedFinding, read_finding
from gradcheck.verdict import Verdict


class Outcome(StrEnum):
    """What came of a replay, the worst last."""

    FIXED = "FIXED"
    STILL_THERE = "STILL THERE"
    CANNOT_RUN = "CANNOT RUN"

    @property
    def gravity(self) -> int:
        """0 for the best; also the exit code."""
        return list(Outcome).index(self)


@dataclass(frozen=True, slots=True)
class Replay:
    """The outcome, and the signature that the finding has now or the reason why it has none."""

    outcome: Outcome
    what: str


class _CannotRunError(Exception):
    """The reason, in one line."""


def replay(path: Path, engine: str | None, load: Callable[[str], Engine] = load_engine) -> Replay:
    """Judge the smallest and the worst case of a case file, or of the one in a folder.

    It is run against another ``engine`` than its own where one is given. An engine's file that lies
    outside of the working directory is only run if it is given: a case file is data from anywhere,
    and running an engine runs its code. ``load`` makes an engine of a spec. Nothing is raised for
    what is in the file.
    """
    try:
        given = None if engine is None else load(engine)
        saved = read_finding(path)
        under_test = given or _own_engine(saved, load)
        verdicts = [_judged(saved.smallest.case, under_test), _judged(saved.worst.case, under_test)]
    except (CaseFileError, EngineLoadError, _CannotRunError) as error:
        return Replay(Outcome.CANNOT_RUN, " ".join(str(error).split()))
    for verdict in verdicts:
        if verdict.kind.is_finding:
            return Replay(Outcome.STILL_THERE, verdict.signature)
    for verdict in verdicts:
        if verdict.undecided is not None:
            return Replay(Outcome.CANNOT_RUN, f"nothing can be decided: {verdict.undecided}")
    return Replay(Outcome.FIXED, saved.smallest.report.signature)


def _own_engine(saved: SavedFinding, load: Callable[[str], Engine]) -> Engine:
    place, _ = place_of(saved.engine)
    if place.endswith(".py") and not _lies_here(Path(place)):
        message = f"its engine {place} lies outside of this folder; if you trust it, give --engine"
        raise _CannotRunError(message)
    return load(saved.engine)


def _lies_here(path: Path) -> bool:
    try:
        return path.expanduser().resolve().is_relative_to(Path.cwd().resolve())
    except (OSError, RuntimeError, ValueError):  # no such user, too long, a NUL
        return False


def _judged(case: Case, engine: Engine) -> Verdict:
    missing = case.expression.operations - engine.operations
    if missing:
        names = " ".join(sorted(operation.name for operation in missing))
        message = f"{engine.spec} has no {names}"
        raise _CannotRunError(message)
    return check(case, engine)
