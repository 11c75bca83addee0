"""What is asked of a process that has the engine: data that can be sent, and answers likewise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from gradcheck.checking import check
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Case
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.rounds import Round, judge_round
from gradcheck.fuzz.statistics import Statistics
from gradcheck.shrinking import reduced, shrink
from gradcheck.verdict import Verdict

Answer_co = TypeVar("Answer_co", covariant=True)


class Task(Protocol[Answer_co]):
    """Something to do with the engine; it is the same whenever and wherever it is done."""

    def do(self, engine: Engine, options: Options, alive: Callable[[], None]) -> Answer_co:
        """Do it, and call ``alive`` before every case."""

    def given_up(self) -> Answer_co:
        """What stands for the answer where no process survived it."""

    @property
    def isolated(self) -> bool:
        """Whether it is known to end a process that the engine is not apart in."""


@dataclass(frozen=True, slots=True)
class JudgeRound:
    """Judge all cases of a round."""

    number: int
    isolated: bool = False

    def do(self, engine: Engine, options: Options, alive: Callable[[], None]) -> Round:
        return judge_round(engine, options, self.number, alive=alive)

    def given_up(self) -> Round:
        return Round(self.number, statistics=Statistics(given_up=[self.number]))


@dataclass(frozen=True, slots=True)
class JudgeAgain:
    """Judge the two cases of an old finding; ``None`` where no process survived them."""

    smallest: Case
    worst: Case
    isolated: bool = False

    def do(
        self, engine: Engine, options: Options, alive: Callable[[], None]
    ) -> tuple[Verdict, Verdict] | None:
        return _judge(self.smallest, engine, alive), _judge(self.worst, engine, alive)

    def given_up(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Shrink:
    """Find the smallest case of a bug."""

    bug: Verdict
    isolated: bool

    def do(self, engine: Engine, options: Options, alive: Callable[[], None]) -> Verdict:
        return shrink(self.bug, engine, options.operations_of(engine), alive=alive)

    def given_up(self) -> Verdict:
        return self.bug


@dataclass(frozen=True, slots=True)
class Reduce:
    """Take away from the case of a bug what can go as long as any bug shows."""

    bug: Verdict
    isolated: bool

    def do(self, engine: Engine, options: Options, alive: Callable[[], None]) -> Verdict:
        return reduced(self.bug, partial(_judge, engine=engine, alive=alive), signature=None)

    def given_up(self) -> Verdict:
        return self.bug


def _judge(case: Case, engine: Engine, alive: Callable[[], None]) -> Verdict:
    alive()
    return check(case, engine, whole_formula=False)
