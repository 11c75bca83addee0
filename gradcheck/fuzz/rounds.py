"""A round of a run: a pure function of the engine, the options and the round's number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from gradcheck.checking import check
from gradcheck.engines.isolation.isolated_engine import IsolatedEngine
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Case
from gradcheck.fuzz.coverage import features_of_expression, features_of_verdict
from gradcheck.fuzz.options import Options
from gradcheck.fuzz.statistics import Statistics
from gradcheck.generation.stream import Drawn, random_expressions
from gradcheck.kind import Kind
from gradcheck.operations import Operation
from gradcheck.shrinking import COSTLY
from gradcheck.verdict import Verdict

WHOLE_FORMULA_EVERY = 16
"""One expression in so many is differentiated as a whole too, which takes SymPy milliseconds."""

_MAGNITUDE = 3.0

_ROUNDS_AT_A_TURN = 6

_OTHER_MAGNITUDES = (1e-3, 30.0, 1e-8, 1e10)
"""The magnitudes of the numbers in one round in six, in turn.

Rounds of one magnitude show the same again and again, and at others more cases are undecided. With
these, 3,000 expressions cover a quarter more of the magnitudes that operations get from each other,
and less than one case in twenty is undecided.
"""


@dataclass(slots=True)
class Seen:
    """What a round saw of a bug: a small case of it, and the one with the largest error.

    ``cases`` is how many cases the round had judged when it first showed.
    """

    smallest: Verdict
    worst: Verdict
    cases: int

    def see(self, verdict: Verdict) -> None:
        """Add a case that shows the bug."""
        if complexity(verdict) < complexity(self.smallest):
            self.smallest = verdict
        self.worst = worse(self.worst, verdict)


@dataclass(slots=True)
class Round:
    """What came of a round: its counts, and the bugs by their signatures.

    ``isolated`` tells that it was judged with the engine apart, as it had ended its process before.
    """

    number: int
    isolated: bool = False
    statistics: Statistics = field(default_factory=Statistics)
    bugs: dict[str, Seen] = field(default_factory=dict)

    def see(self, verdict: Verdict) -> None:
        """Add a case."""
        self.statistics.count(verdict)
        self.statistics.covered.update(features_of_verdict(verdict))
        if verdict.kind.is_finding:
            seen = Seen(verdict, verdict, self.statistics.cases)
            self.bugs.setdefault(verdict.signature, seen).see(verdict)


def judge_round(
    engine: Engine, options: Options, number: int, *, alive: Callable[[], None]
) -> Round:
    """Judge all that a round draws, and call ``alive`` before every case.

    It ends early at the first bug with ``fail_fast``, and where any further one might take long: at
    a hang, at what takes all memory, and at a crash of an engine that is apart.
    """
    result = Round(number, isolated=isinstance(engine, IsolatedEngine))
    ends_it = {*COSTLY, Kind.CRASH} if result.isolated else COSTLY
    operations = options.operations_of(engine)
    drawn = drawn_in_round(operations, options.max_ops, seed=options.seed, number=number)
    for expression, points in islice(drawn, options.expressions_of(number)):
        whole_formula = result.statistics.expressions % WHOLE_FORMULA_EVERY == 0
        result.statistics.expressions += 1
        result.statistics.covered.update(features_of_expression(expression))
        for point in points:
            alive()
            verdict = check(Case(expression, point), engine, whole_formula=whole_formula)
            result.see(verdict)
            if verdict.kind in ends_it or (options.fail_fast and verdict.kind.is_finding):
                return result
    return result


def drawn_in_round(
    operations: tuple[Operation, ...], max_ops: int, *, seed: int, number: int
) -> Iterator[Drawn]:
    """Yield what a round judges, without end: always the same for a seed and the round's number."""
    magnitude = _magnitude(number)
    return random_expressions(
        operations, max_ops=max_ops, magnitude=magnitude, seed=f"{seed}:{number}"
    )


def _magnitude(number: int) -> float:
    """The magnitude of the numbers in a round."""
    turn, place = divmod(number, _ROUNDS_AT_A_TURN)
    return _OTHER_MAGNITUDES[turn % len(_OTHER_MAGNITUDES)] if place == 1 else _MAGNITUDE


def complexity(verdict: Verdict) -> tuple[int, int, int]:
    """What makes a case small: operations, then nodes, then the length of its numbers."""
    expression, point = verdict.case.expression, verdict.case.point
    return expression.size, len(expression.nodes), sum(len(repr(number)) for number in point)


def worse(one: Verdict, other: Verdict) -> Verdict:
    """The verdict with the larger error, the first one where they are equal."""
    return other if other.relative_error > one.relative_error else one
