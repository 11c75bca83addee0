"""A saved finding judged once more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rich.text import Text

from gradcheck.checking import check
from gradcheck.engines.loading import EngineLoadError, load_engine
from gradcheck.engines.options import split_place
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Case
from gradcheck.findings.reading import CaseFileError, read_finding
from gradcheck.table import plain
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


_STYLES = {Outcome.FIXED: "green", Outcome.STILL_THERE: "red", Outcome.CANNOT_RUN: "yellow"}


def told(replay: Replay, path: Path) -> Text:
    """An outcome as a line for the terminal, with the folder or the file of the finding."""
    said = plain(f"{replay.outcome:11}", style=_STYLES[replay.outcome])
    return said + plain(f"  {path.as_posix()}: {replay.what}", style="default")


class _CannotRunError(Exception):
    """The reason, in one line."""


def replay(path: Path, engine: str | None, load: Callable[[str], Engine] = load_engine) -> Replay:
    """Judge the smallest and the worst case of a case file, or of the one in a folder.

    The bug is still there if one of them shows it, and fixed if the smallest is proved correct: of
    the worst, ill-conditioned as it may be, less can be proved where the engine is right.

    It is run against another ``engine`` than its own where one is given. An engine's file that lies
    outside of the working directory is only run if it is given: a case file is data from anywhere,
    and running an engine runs its code. ``load`` makes an engine of a spec. Nothing is raised for
    what is in the file.
    """
    try:
        given = None if engine is None else load(engine)
        saved = read_finding(path)
        under_test = given or load(trusted(saved.engine))
        smallest = _judged(saved.smallest.case, under_test)
        worst = _judged(saved.worst.case, under_test)
    except (CaseFileError, EngineLoadError, _CannotRunError) as error:
        return Replay(Outcome.CANNOT_RUN, " ".join(str(error).split()))
    return outcome_of(smallest, worst, was=saved.smallest.signature)


def outcome_of(smallest: Verdict, worst: Verdict, *, was: str) -> Replay:
    """What new verdicts on the two cases of a finding come to, which ``was`` a signature."""
    for verdict in (smallest, worst):
        if verdict.kind.is_finding:
            return Replay(Outcome.STILL_THERE, verdict.signature)
    if smallest.undecided is not None:
        return Replay(Outcome.CANNOT_RUN, f"nothing can be decided: {smallest.undecided}")
    return Replay(Outcome.FIXED, was)


def missing_operations(case: Case, engine: Engine) -> str:
    """Which operations of a case an engine lacks, as a reason not to run it; empty if none."""
    missing = case.operations - engine.operations
    names = " ".join(sorted(operation.name for operation in missing))
    return f"{engine.spec} has no {names}" if missing else ""


def trusted(spec: str) -> str:
    """The engine that a file names, if it may be loaded. Raises ``EngineLoadError``.

    A file is data from anywhere, and loading an engine runs its code: so only one that is installed
    or lies below the working directory is.
    """
    place, _ = split_place(spec)
    if place.endswith(".py") and not _lies_here(Path(place)):
        message = f"its engine {place} lies outside of this folder; if you trust it, give --engine"
        raise EngineLoadError(message)
    return spec


def _lies_here(path: Path) -> bool:
    try:
        return path.expanduser().resolve().is_relative_to(Path.cwd().resolve())
    except (OSError, RuntimeError, ValueError):  # no such user, too long, a NUL
        return False


def _judged(case: Case, engine: Engine) -> Verdict:
    reason = missing_operations(case, engine)
    if reason:
        raise _CannotRunError(reason)
    return check(case, engine)
