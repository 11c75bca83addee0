"""The checks of an engine, each on a list of cases, and what it comes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gradcheck.blame.cause import Cause
from gradcheck.engines.lifecycle.adapters import lifecycle_of
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Case
from gradcheck.kind import Kind, Reason
from gradcheck.lifecycle.judge import judge
from gradcheck.lifecycle.scenarios import TIMES, scenarios
from gradcheck.lifecycle.steps import CLEARS_ALL, CLEARS_GRAPH, CLEARS_ONE
from gradcheck.lifecycle.verdict import EndsVerdict, LifecycleVerdict
from gradcheck.story import story

NOTHING_TO_JUDGE = "no expression that it gets right by itself: see what fuzz finds"


class LifecycleOutcome(StrEnum):
    """What a check comes to, in a word."""

    HOLDS = "holds"
    BROKEN = "broken"
    REFUSED = "refused"
    NOT_APPLICABLE = "not applicable"


STYLES = {
    LifecycleOutcome.HOLDS: "green",
    LifecycleOutcome.BROKEN: "red",
    LifecycleOutcome.REFUSED: "green",
    LifecycleOutcome.NOT_APPLICABLE: "yellow",
}


@dataclass(frozen=True, slots=True)
class LifecycleResult:
    """What one check comes to.

    ``says`` is a sentence without its end: what the engine does, what is wrong, or why there is no
    answer. ``graphs`` counts the cases that were judged, up to the one that is broken, whose
    ``verdict`` is there then.
    """

    check: Cause
    outcome: LifecycleOutcome
    says: str
    graphs: int = 0
    verdict: LifecycleVerdict | None = None

    @property
    def row(self) -> str:
        """The result as a line for the terminal."""
        return f"{self.check:<17} {self.outcome:<16} {self.says}"


def run_check(check: Cause, engine: Engine, cases: Sequence[Case]) -> LifecycleResult:
    """What one of ``CHECKS`` says of an engine, on cases at hand, the smallest first."""
    live = lifecycle_of(engine)
    if live is None:
        return LifecycleResult(check, LifecycleOutcome.NOT_APPLICABLE, str(Reason.NO_LIFECYCLE))
    if check is Cause.ZERO_GRAD and not live.resets:
        return LifecycleResult(check, LifecycleOutcome.NOT_APPLICABLE, str(Reason.NO_ZERO_GRAD))
    nearest = [engine.precision.nearest_case(case) for case in cases]
    verdicts: list[LifecycleVerdict] = []
    for verdict in _verdicts(scenarios(check, nearest, live.resets), engine):
        verdicts.append(verdict)
        if verdict.kind.is_finding:
            case = verdict.case
            numbers = ", ".join(f"{name} = {x!r}" for name, x in case.numbers.items())
            says = f"at {numbers}, {story(case)}: {verdict.clause}"
            broken = LifecycleOutcome.BROKEN
            return LifecycleResult(check, broken, says, len(verdicts), verdict)
    return _without_a_finding(check, verdicts)


def _verdicts(cases: Iterable[Case], engine: Engine) -> Iterator[LifecycleVerdict]:
    """The verdicts on the cases that say something about an engine.

    Each must agree with those before on how gradients end, as far as these tell the ends apart.
    """
    chosen: frozenset[str] | None = None
    for case in cases:
        verdict = judge(case, engine)
        if isinstance(verdict, EndsVerdict) and verdict.fitting:
            verdict = verdict if chosen is None else verdict.limited_to(chosen)
            chosen = verdict.fitting if chosen is None else verdict.fitting & chosen
        stopped = verdict.run.fault is not None and verdict.kind is Kind.UNDECIDED
        if verdict.inapplicable is None and not stopped:
            yield verdict


def _without_a_finding(check: Cause, verdicts: Sequence[LifecycleVerdict]) -> LifecycleResult:
    if not verdicts:
        return LifecycleResult(check, LifecycleOutcome.NOT_APPLICABLE, NOTHING_TO_JUDGE)
    count = len(verdicts)
    if refusal := next((verdict.run.fault for verdict in verdicts if verdict.refused), None):
        return LifecycleResult(check, LifecycleOutcome.REFUSED, str(refusal), count)
    what, noun = _what_holds(check, verdicts), "graph" if count == 1 else "graphs"
    says = f"{what}, in {count:,} {noun}"
    return LifecycleResult(check, LifecycleOutcome.HOLDS, says, count)


def _what_holds(check: Cause, verdicts: Iterable[LifecycleVerdict]) -> str:
    if check is Cause.UNCHANGED:
        return "values stay as they were"
    if check is Cause.SAME_BITS:
        return f"the same in {TIMES} runs"
    fitting = [verdict.fitting for verdict in verdicts if isinstance(verdict, EndsVerdict)]
    chosen = frozenset.intersection(*fitting)
    # No case tells these apart where it is called on all that it may clear.
    return CLEARS_ALL if chosen == {CLEARS_GRAPH, CLEARS_ONE} else " or ".join(sorted(chosen))
