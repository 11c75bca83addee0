"""Run a lifecycle check of an engine on a list of cases."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gradcheck.blame.cause import Cause
from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
from gradcheck.engines.lifecycle.adapters import lifecycle_of
from gradcheck.engines.protocol import Engine
from gradcheck.engines.time_limit import watched
from gradcheck.expression import Case
from gradcheck.kind import Kind, Reason
from gradcheck.lifecycle.judge import judge, with_code
from gradcheck.lifecycle.standard_cases import RUNS, cases_for, standard_cases
from gradcheck.lifecycle.steps import CLEARS_ALL, CLEARS_GRAPH, CLEARS_ONE
from gradcheck.lifecycle.verdict import AccumulationVerdict, LifecycleVerdict
from gradcheck.operations import Operation

NOTHING_TO_JUDGE = "no graph has a correct single backward pass; run fuzz without --life first"


class LifecycleOutcome(StrEnum):
    """The result of a check, in a word."""

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
    """The result of one check.

    ``says`` is a sentence without its full stop: what the engine does, what is wrong, or why the
    check could not be made. ``graphs`` is the number of cases judged. It ends with the first broken
    one, whose verdict is ``verdict``.
    """

    check: Cause
    outcome: LifecycleOutcome
    says: str
    graphs: int = 0
    verdict: LifecycleVerdict | None = None

    @property
    def row(self) -> str:
        """The result as one line for the terminal."""
        return f"{self.check:<17} {self.outcome:<16} {self.says}"


def run_check(
    check: Cause,
    engine: AnyEngine,
    cases: Sequence[Case] | None = None,
    *,
    operations: Collection[Operation] | None = None,
) -> LifecycleResult:
    """Run one of ``CHECKS`` on an engine; one of arrays computes on arrays of one element.

    ``cases`` are without steps, smallest first. Without them, the standard ones are used that have
    only the ``operations``. If there are none, or no operations are given, those are used that have
    any operation of the engine.
    """
    numbers = _as_numbers(engine) if isinstance(engine, ArrayEngine) else engine
    lifecycle = None if numbers is None else lifecycle_of(numbers)
    if numbers is None or lifecycle is None:
        return LifecycleResult(check, LifecycleOutcome.NOT_APPLICABLE, str(Reason.NO_LIFECYCLE))
    if cases is None:
        known = numbers.operations
        cases = cases_for(known.intersection(operations or ())) or cases_for(known)
    if check is Cause.ZERO_GRAD and not lifecycle.resets:
        return LifecycleResult(check, LifecycleOutcome.NOT_APPLICABLE, str(Reason.NO_ZERO_GRAD))
    nearest = [numbers.precision.nearest_case(case) for case in cases]
    with watched():  # one clock for all runs: to start it takes longer than most of them
        return _judged_until_broken(
            check, numbers, standard_cases(check, nearest, lifecycle.resets)
        )


def _judged_until_broken(check: Cause, numbers: Engine, cases: Iterable[Case]) -> LifecycleResult:
    verdicts: list[LifecycleVerdict] = []
    for verdict in _verdicts(cases, numbers):
        verdicts.append(verdict)
        if verdict.kind.is_finding:
            verdict = with_code(verdict, numbers)  # noqa: PLW2901 - the same one, with its code
            report = verdict.report
            point = ", ".join(f"{name} = {x!r}" for name, x in report.case.numbers.items())
            says = f"at {point}, {report.steps}: {verdict.clause}"
            broken = LifecycleOutcome.BROKEN
            return LifecycleResult(check, broken, says, len(verdicts), verdict)
    return _without_a_finding(check, verdicts)


def _as_numbers(engine: ArrayEngine) -> Engine | None:
    from gradcheck.engines.arrays.numbers import as_numbers  # noqa: PLC0415 - needs NumPy

    return as_numbers(engine)


def _verdicts(cases: Iterable[Case], engine: Engine) -> Iterator[LifecycleVerdict]:
    """Yield a verdict for each case that can be used to check the engine.

    Each has to follow a policy that all smaller cases follow, as far as these settle which one.
    """
    policies: frozenset[str] | None = None
    for case in cases:
        verdict = judge(case, engine)
        if isinstance(verdict, AccumulationVerdict) and verdict.policies:
            verdict = verdict if policies is None else verdict.limited_to(policies)
            policies = verdict.policies if policies is None else verdict.policies & policies
        stopped = verdict.run.fault is not None and verdict.kind is Kind.UNDECIDED
        if verdict.inapplicable is None and not stopped:
            yield verdict


def _without_a_finding(check: Cause, verdicts: Sequence[LifecycleVerdict]) -> LifecycleResult:
    if not verdicts:
        return LifecycleResult(check, LifecycleOutcome.NOT_APPLICABLE, NOTHING_TO_JUDGE)
    count = len(verdicts)
    if refusal := next((verdict.run.fault for verdict in verdicts if verdict.refused), None):
        return LifecycleResult(check, LifecycleOutcome.REFUSED, str(refusal), count)
    noun = "graph" if count == 1 else "graphs"
    says = f"{_behaviour(check, verdicts)}, in {count:,} {noun}"
    return LifecycleResult(check, LifecycleOutcome.HOLDS, says, count)


def _behaviour(check: Cause, verdicts: Iterable[LifecycleVerdict]) -> str:
    """Return what the engine does in every case."""
    if check is Cause.UNCHANGED:
        return "values stay as they were"
    if check is Cause.SAME_BITS:
        return f"the same in {RUNS} runs"
    accumulations = (each for each in verdicts if isinstance(each, AccumulationVerdict))
    policies = frozenset.intersection(*(verdict.policies for verdict in accumulations))
    # These are the same where zero_grad is called on everything that it may clear.
    return CLEARS_ALL if policies == {CLEARS_GRAPH, CLEARS_ONE} else " or ".join(sorted(policies))
