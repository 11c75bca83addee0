"""Replay: the cases of a saved finding judged again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from gradcheck.checking import as_engine, check_repeatedly
from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine, what_is_missing
from gradcheck.engines.importing import EngineLoadError, stdout_to_stderr
from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.engines.loading import load_any_engine
from gradcheck.engines.options import EngineOptionError, places_in
from gradcheck.engines.own_operations import import_operations
from gradcheck.expression import Case
from gradcheck.findings.case_file import CaseFileError, SavedFinding
from gradcheck.findings.loading import load_finding
from gradcheck.kind import Kind, Reason
from gradcheck.nondeterminism import runs_to_pass
from gradcheck.number_verdict import NumberVerdict
from gradcheck.one_element import OneElementCase
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


def replay_summary(outcomes: Iterable[ReplayOutcome]) -> str:
    """Return how many findings have each outcome, those still there first.

    >>> replay_summary([ReplayOutcome.FIXED, ReplayOutcome.STILL_THERE, ReplayOutcome.FIXED])
    '3 findings: 1 still there, 2 fixed.'
    """
    numbers = Counter(outcomes)
    order = (ReplayOutcome.STILL_THERE, ReplayOutcome.FIXED, ReplayOutcome.CANNOT_RUN)
    parts = [f"{numbers[each]} {each.lower()}" for each in order if numbers[each]]
    total = numbers.total()
    return f"{total} finding{'' if total == 1 else 's'}: {', '.join(parts)}."


def replay(
    path: Path,
    engine: str | None,
    load: Callable[[str], AnyEngine] = load_any_engine,
    *,
    modules: Iterable[str] = (),
) -> Replay:
    """Judge the smallest and the worst case of a case file, or of the case file in a folder.

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
    except (CaseFileError, EngineLoadError) as error:
        return Replay(ReplayOutcome.CANNOT_RUN, " ".join(str(error).split()))
    if reason := missing_for(saved, under_test):
        return Replay(ReplayOutcome.CANNOT_RUN, reason)
    return outcome_of(*verdicts_on(saved, under_test), was=saved.smallest.signature)


def missing_for(saved: SavedFinding, engine: AnyEngine) -> str:
    """Return a sentence with the operations of a finding that an engine lacks, or an empty one."""
    cases = saved.smallest.case, saved.worst.case
    return next(filter(None, (missing_operations(case, engine) for case in cases)), "")


def verdicts_on(saved: SavedFinding, engine: AnyEngine) -> tuple[AnyVerdict, AnyVerdict]:
    """Return the verdicts of an engine on the smallest and the worst case of a finding.

    The worst case is not run if it is the smallest too, or if that shows a bug: a hang takes long.
    """

    def judged(report: Report) -> AnyVerdict:
        return judged_again(report.case, engine, was=report.signature, fail_on=[report.kind])

    smallest = judged(saved.smallest)
    if smallest.is_finding or saved.worst.case == saved.smallest.case:
        return smallest, smallest
    return smallest, judged(saved.worst)


def outcome_of(smallest: AnyVerdict, worst: AnyVerdict, *, was: str) -> Replay:
    """Return the result of new verdicts on the cases of a finding, whose signature it ``was``.

    The bug is still there if one of the cases shows it, and otherwise fixed if the smallest would
    show it: if a crash would have been one, or a number of the case could be proved wrong. The
    number itself may be undecided.
    """
    for verdict in (smallest, worst):
        if verdict.is_finding:
            return Replay(ReplayOutcome.STILL_THERE, verdict.signature)
    if smallest.kind.is_decided:
        return Replay(ReplayOutcome.FIXED, was)
    why = smallest.undecided or smallest.kind.value
    behaviour = next(filter(was.startswith, _GONE), None)
    has_run = smallest.run.fault is None and why not in _NOT_APPLICABLE
    if has_run and (behaviour or any(map(_could_be_wrong, smallest.number_verdicts))):
        gone = _GONE[behaviour] if behaviour else "the wrong number is gone"
        return Replay(
            ReplayOutcome.FIXED, f"{was}: {gone}; the numbers here cannot be decided: {why}"
        )
    return Replay(ReplayOutcome.CANNOT_RUN, f"nothing can be decided: {why}")


_NOT_APPLICABLE = (Reason.NO_LIFECYCLE, Reason.NO_ZERO_GRAD, Reason.WRONG_ALONE)
"""Reasons why the check of a case with steps was not made."""

_GONE: Mapping[str, str] = {
    Kind.CRASH: "the crash is gone",
    Kind.HANG: "the hang is gone",
    Kind.MEMORY: "it stays within the memory limit",
    Kind.MISSING_GRADIENT: "the gradient is there",
    Kind.MUTATED_INPUT: "the input keeps its value",
    Kind.NONDETERMINISTIC: "the numbers stay the same",
    Kind.DEPTH_LIMIT: "the recursion limit is not reached",
}
"""The words for a bug that is gone, by its kind; wrong numbers have others."""


def _could_be_wrong(number: NumberVerdict) -> bool:
    """Tell whether another number in this place would be proved wrong."""
    has_bound = number.undecided in (Reason.UNDERFLOW, Reason.ILL_CONDITIONED)
    return has_bound or number.kind.is_decided


def with_limit_of(finding: Report, limits: EngineLimits) -> EngineLimits:
    """Return limits with the one that the engine exceeded in a finding, if it exceeded one."""
    match finding:
        case Report(kind=Kind.HANG, limit=float(seconds)):
            return replace(limits, seconds=seconds)
        case Report(kind=Kind.MEMORY, limit=int() | float() as memory):
            return replace(limits, memory=int(memory))
    return limits


def judged_again(
    case: AnyCase, engine: AnyEngine, *, was: str, fail_on: Collection[Kind]
) -> AnyVerdict:
    """Return a finding that a case of a bug still shows, or else the verdict of its last run.

    ``was`` is the signature of the bug: one that shows in some runs only takes more of them.
    """
    return check_repeatedly(case, engine, times=runs_to_pass(was), fail_on=fail_on)


def missing_operations(case: AnyCase, engine: AnyEngine) -> str:
    """Return a sentence with the operations of a case that an engine lacks, or an empty one."""
    if isinstance(engine, ArrayEngine) and case.steps:
        try:
            engine = as_engine(engine)  # the lifecycle of arrays is that of numbers
        except EngineLoadError as error:
            return str(error)
        case = case.of_numbers if isinstance(case, OneElementCase) else case
    if isinstance(engine, ArrayEngine) is isinstance(case, Case):
        kinds = ("arrays", "numbers") if isinstance(case, Case) else ("numbers", "arrays")
        return f"{engine.spec} is an engine of {kinds[0]}, and the case is one of {kinds[1]}"
    if isinstance(engine, ArrayEngine):
        from gradcheck.arrays.program import ArrayCase  # noqa: PLC0415 - needs NumPy

        assert isinstance(case, ArrayCase)
        return what_is_missing(case, engine)
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
