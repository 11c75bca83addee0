"""Replay: the cases of a saved finding judged again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from gradcheck.checking import check_any, check_repeatedly
from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
from gradcheck.engines.importing import EngineLoadError, stdout_to_stderr
from gradcheck.engines.loading import load_any_engine
from gradcheck.engines.options import EngineOptionError, places_in
from gradcheck.engines.own_operations import import_operations
from gradcheck.expression import Case
from gradcheck.findings.case_file import CaseFileError, SavedFinding
from gradcheck.findings.loading import load_finding
from gradcheck.kind import Kind
from gradcheck.nondeterminism import runs_to_pass
from gradcheck.operations.operation import missing_names
from gradcheck.report import AnyCase, Report
from gradcheck.table import plain

if TYPE_CHECKING:
    from gradcheck.checking import AnyVerdict


class ReplayOutcome(StrEnum):
    """The result of a replay, the best first."""

    FIXED = "FIXED"
    STILL_THERE = "STILL THERE"
    CANNOT_RUN = "CANNOT RUN"

    @property
    def gravity(self) -> int:
        """The exit code of the outcome, 0 for the best."""
        return list(ReplayOutcome).index(self)


@dataclass(frozen=True, slots=True)
class Replay:
    """An outcome, with the finding's signature or the reason why its cases cannot be judged."""

    outcome: ReplayOutcome
    detail: str


_STYLES = {
    ReplayOutcome.FIXED: "green",
    ReplayOutcome.STILL_THERE: "red",
    ReplayOutcome.CANNOT_RUN: "yellow",
}


def replay_line(replay: Replay, path: Path) -> Text:
    """Return a line for the terminal; ``path`` is the finding's folder or file."""
    outcome = plain(f"{replay.outcome:11}", style=_STYLES[replay.outcome])
    return outcome + plain(f"  {path.as_posix()}: {replay.detail}", style="default")


class _CannotRunError(Exception):
    """The reason, in one line."""


def replay(
    path: Path,
    engine: str | None,
    load: Callable[[str], AnyEngine] = load_any_engine,
    *,
    modules: Iterable[str] = (),
) -> Replay:
    """Judge the smallest and the worst case of a case file, or of the case file in a folder.

    The bug is still there if one of the cases shows it, and fixed if the smallest is proved correct
    in each of several runs. The worst may be too ill-conditioned to be proved correct.

    The cases run on ``engine``, or else on the engine that the file names, if it is ``trusted``.
    ``load`` returns the engine of a spec. The user's own operations are those of ``modules``, and
    those that the file names a module for. A bad file raises no error: it cannot be run.
    """

    def loaded(saved: SavedFinding) -> AnyEngine:
        return load(trusted(saved.engine) if engine is None else engine)

    try:
        with stdout_to_stderr():
            for place in modules:
                import_operations(place)
        saved, under_test = load_finding(path, loaded, _import_trusted)
        smallest, worst = (_judged(report, under_test) for report in (saved.smallest, saved.worst))
    except (CaseFileError, EngineLoadError, _CannotRunError) as error:
        return Replay(ReplayOutcome.CANNOT_RUN, " ".join(str(error).split()))
    return outcome_of(smallest, worst, was=saved.smallest.signature)


def outcome_of(smallest: AnyVerdict, worst: AnyVerdict, *, was: str) -> Replay:
    """Return the result of new verdicts on the cases of a finding, whose signature it ``was``."""
    for verdict in (smallest, worst):
        if verdict.is_finding:
            return Replay(ReplayOutcome.STILL_THERE, verdict.signature)
    if not smallest.kind.is_decided:
        why = smallest.undecided or smallest.kind.value
        return Replay(ReplayOutcome.CANNOT_RUN, f"nothing can be decided: {why}")
    return Replay(ReplayOutcome.FIXED, was)


def judged_again(
    case: AnyCase, engine: AnyEngine, *, was: str, fail_on: Collection[Kind]
) -> AnyVerdict:
    """Return a finding that a case of a bug still shows, or else the verdict of its last run.

    ``was`` is the signature of the bug: one that shows in some runs only takes more of them.
    """
    if not isinstance(case, Case) or isinstance(engine, ArrayEngine):
        return check_any(case, engine)
    return check_repeatedly(case, engine, times=runs_to_pass(was), fail_on=fail_on)


def missing_operations(case: AnyCase, engine: AnyEngine) -> str:
    """Return a sentence with the operations of a case that an engine lacks, or an empty one."""
    if isinstance(engine, ArrayEngine) is isinstance(case, Case):
        kinds = ("arrays", "numbers") if isinstance(case, Case) else ("numbers", "arrays")
        return f"{engine.spec} is an engine of {kinds[0]}, and the case is one of {kinds[1]}"
    if isinstance(engine, ArrayEngine):
        missing = sorted({o.name for o in case.operations} - engine.array_operations)
        return f"{engine.spec} has no {' '.join(missing)}" if missing else ""
    assert isinstance(case, Case)
    names = missing_names(case.operations, engine.operations)
    return f"{engine.spec} has no {' '.join(names)}" if names else ""


def trusted(spec: str) -> str:
    """Return the spec of an engine that a file names, if it may be loaded.

    A case file may come from anyone, and loading an engine runs its code. So ``EngineLoadError`` is
    raised unless all modules that the spec names are installed or in files below the working
    directory.
    """
    try:
        places = places_in(spec)
    except EngineOptionError as error:
        raise EngineLoadError(str(error)) from None
    for place in places:
        _require_trusted(place, f"its engine {place}", "--engine")
    return spec


def _import_trusted(place: str) -> None:
    """Import operations that a case file names, under the same condition as its engine."""
    _require_trusted(place, f"{place}, which registers its operations,", "--operations")
    with stdout_to_stderr():
        import_operations(place)


def _require_trusted(place: str, subject: str, option: str) -> None:
    if place.endswith(".py") and not _is_below_here(Path(place)):
        message = f"{subject} is outside this folder; if you trust it, use {option}"
        raise EngineLoadError(message)


def _is_below_here(path: Path) -> bool:
    try:
        return path.expanduser().resolve().is_relative_to(Path.cwd().resolve())
    except (OSError, RuntimeError, ValueError):  # no such user, too long, a NUL
        return False


def _judged(report: Report, engine: AnyEngine) -> AnyVerdict:
    reason = missing_operations(report.case, engine)
    if reason:
        raise _CannotRunError(reason)
    return judged_again(report.case, engine, was=report.signature, fail_on=[report.kind])
