"""The tasks of a run; tasks and answers are data, to be sent between processes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from gradcheck.checking import check
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Case
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.rounds import Round, judge_round
from gradcheck.fuzz.statistics import Statistics
from gradcheck.kind import Kind
from gradcheck.shrinking import reduced, shrink
from gradcheck.verdict import Verdict

Answer_co = TypeVar("Answer_co", covariant=True)

Heartbeat = Callable[[], None]
"""A function that a task calls before every case, to show that it is not stuck."""


class Task(Protocol[Answer_co]):
    """Work that needs the engine; its answer does not depend on when and where it is done."""

    def run(self, engine: Engine, options: Options, heartbeat: Heartbeat) -> Answer_co:
        """Return the answer."""

    def fallback(self) -> Answer_co:
        """Return the answer to use if no process survives the task."""

    @property
    def isolated(self) -> bool:
        """Whether the engine has to be isolated, because this task ended a process before."""


@dataclass(frozen=True, slots=True)
class JudgeRound:
    """Judge all cases of a round."""

    number: int
    isolated: bool = False

    def run(self, engine: Engine, options: Options, heartbeat: Heartbeat) -> Round:
        return judge_round(engine, options, self.number, heartbeat=heartbeat)

    def fallback(self) -> Round:
        return Round(self.number, statistics=Statistics(abandoned=[self.number]))


@dataclass(frozen=True, slots=True)
class JudgeAgain:
    """Judge the two cases of an earlier finding; the fallback is ``None``."""

    smallest: Case
    worst: Case
    isolated: bool = False

    def run(
        self, engine: Engine, options: Options, heartbeat: Heartbeat
    ) -> tuple[Verdict, Verdict] | None:
        judge = partial(_judge, engine=engine, heartbeat=heartbeat, fail_on=options.fail_on)
        return judge(self.smallest), judge(self.worst)

    def fallback(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Shrink:
    """Find the smallest case of a bug."""

    bug: Verdict
    isolated: bool

    def run(self, engine: Engine, options: Options, heartbeat: Heartbeat) -> Verdict:
        return shrink(self.bug, engine, options.operations_of(engine), heartbeat=heartbeat)

    def fallback(self) -> Verdict:
        return self.bug


@dataclass(frozen=True, slots=True)
class Reduce:
    """Reduce the case of a bug as long as it shows any bug at all."""

    bug: Verdict
    isolated: bool

    def run(self, engine: Engine, options: Options, heartbeat: Heartbeat) -> Verdict:
        judge = partial(_judge, engine=engine, heartbeat=heartbeat, fail_on=self.bug.fail_on)
        return reduced(self.bug, judge, signature=None)

    def fallback(self) -> Verdict:
        return self.bug


def _judge(case: Case, engine: Engine, heartbeat: Heartbeat, fail_on: Collection[Kind]) -> Verdict:
    heartbeat()
    return check(case, engine, whole_formula=False, fail_on=fail_on)
