"""The tasks of a run; tasks and answers are data, to be sent between processes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from gradcheck.blame.cause import Cause
from gradcheck.checking import check
from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Case
from gradcheck.findings.replay import judged_again
from gradcheck.fuzz.depth import too_deep
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.rounds import Round, judge_round
from gradcheck.fuzz.statistics import Statistics
from gradcheck.kind import Kind
from gradcheck.lifecycle.run import LifecycleOutcome, LifecycleResult, run_check
from gradcheck.report import AnyCase
from gradcheck.shrinking import reduced, shrink_any
from gradcheck.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck.checking import AnyVerdict

Answer_co = TypeVar("Answer_co", covariant=True)

Heartbeat = Callable[[], None]
"""A function that a task calls before every case, to show that it is not stuck."""


class Task(Protocol[Answer_co]):
    """Work that needs the engine; its answer does not depend on when and where it is done."""

    def run(self, engine: AnyEngine, options: Options, heartbeat: Heartbeat) -> Answer_co:
        """Return the answer."""

    def fallback(self) -> Answer_co:
        """Return the answer to use if no process survives the task."""

    @property
    def isolated(self) -> bool:
        """Whether the engine has to be isolated, because this task ended a process before."""


@dataclass(frozen=True, slots=True)
class JudgeRound:
    """Judge all cases of a round, or as many as the given time allows."""

    number: int
    seconds: float | None = None
    isolated: bool = False

    def run(self, engine: AnyEngine, options: Options, heartbeat: Heartbeat) -> Round:
        return judge_round(engine, options, self.number, heartbeat=heartbeat, seconds=self.seconds)

    def fallback(self) -> Round:
        return Round(self.number, statistics=Statistics(abandoned=[self.number]))


@dataclass(frozen=True, slots=True)
class JudgeAgain:
    """Judge the two cases of an earlier finding several times; the fallback is ``None``."""

    smallest: AnyCase
    worst: AnyCase
    signature: str
    isolated: bool = False

    def run(
        self, engine: AnyEngine, options: Options, heartbeat: Heartbeat
    ) -> tuple[AnyVerdict, AnyVerdict] | None:
        def judged(case: AnyCase) -> AnyVerdict:
            heartbeat()
            return judged_again(case, engine, was=self.signature, fail_on=options.fail_on)

        return judged(self.smallest), judged(self.worst)

    def fallback(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class FindDepthLimit:
    """Find the shortest chain that is too deep, and judge it if that may be a finding."""

    isolated: bool = False

    def run(
        self, engine: AnyEngine, options: Options, heartbeat: Heartbeat
    ) -> tuple[Case, Verdict | None] | None:
        assert not isinstance(engine, ArrayEngine)
        case = too_deep(engine, heartbeat=heartbeat)
        if case is None:
            return None
        may_be_finding = Kind.DEPTH_LIMIT in options.fail_on
        return case, _judge(case, engine, heartbeat, options.fail_on) if may_be_finding else None

    def fallback(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class CheckLifecycle:
    """Run one check of the lifecycle of the engine."""

    check: Cause
    isolated: bool = False

    def run(self, engine: AnyEngine, options: Options, heartbeat: Heartbeat) -> LifecycleResult:
        heartbeat()
        return run_check(self.check, engine, operations=options.elementwise)

    def fallback(self) -> LifecycleResult:
        return LifecycleResult(
            self.check, LifecycleOutcome.NOT_APPLICABLE, "no process survives it"
        )


@dataclass(frozen=True, slots=True)
class Shrink:
    """Find the smallest case of a bug."""

    bug: AnyVerdict
    isolated: bool

    def run(self, engine: AnyEngine, options: Options, heartbeat: Heartbeat) -> AnyVerdict:
        return shrink_any(self.bug, engine, options.operations_of, heartbeat=heartbeat)

    def fallback(self) -> AnyVerdict:
        return self.bug


@dataclass(frozen=True, slots=True)
class Reduce:
    """Reduce the case of a bug as long as it shows any bug at all.

    A case of arrays is not reduced further than its own bug shows.
    """

    bug: AnyVerdict
    isolated: bool

    def run(self, engine: AnyEngine, options: Options, heartbeat: Heartbeat) -> AnyVerdict:
        if not isinstance(self.bug, Verdict):
            return self.bug
        assert not isinstance(engine, ArrayEngine)
        judge = partial(_judge, engine=engine, heartbeat=heartbeat, fail_on=self.bug.fail_on)
        return reduced(self.bug, judge, signature=None)

    def fallback(self) -> AnyVerdict:
        return self.bug


def _judge(case: Case, engine: Engine, heartbeat: Heartbeat, fail_on: Collection[Kind]) -> Verdict:
    heartbeat()
    return check(case, engine, whole_formula=False, fail_on=fail_on)
