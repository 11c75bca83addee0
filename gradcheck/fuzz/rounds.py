"""A round of a run: a pure function of the engine, the options and the round's number."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from gradcheck.checking import check, check_any
from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
from gradcheck.engines.isolation.isolated_arrays import IsolatedArrays
from gradcheck.engines.isolation.isolated_engine import IsolatedEngine
from gradcheck.expression import Case
from gradcheck.fuzz.coverage import features_of_expression, features_of_verdict
from gradcheck.fuzz.options import EXPRESSIONS_PER_ROUND, Options
from gradcheck.fuzz.statistics import Statistics
from gradcheck.generation.expressions import Drawn
from gradcheck.generation.stream import random_expressions
from gradcheck.kind import Kind
from gradcheck.operations import Operation
from gradcheck.precision import FLOAT64, Precision
from gradcheck.shrinking import COSTLY
from gradcheck.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck.checking import AnyVerdict

WHOLE_FORMULA_EVERY = EXPRESSIONS_PER_ROUND
"""One expression in 50 is also differentiated as a whole, which takes SymPy milliseconds.

It is the first of a round, whose numbers are sampled too, so that the truth is computed once.
"""

_MAGNITUDE = 3.0

_OTHER_MAGNITUDE_EVERY = 6

_OTHER_MAGNITUDES = (1e-3, 30.0, 1e-8, 1e10)
"""The magnitudes of the numbers in one round of six, in turn.

With one magnitude only, the same cases would come again and again. With large and small numbers,
more cases are undecided.
"""

_LARGE_EVERY = 25
"""One expression in 25 is large: deep, and with a node that is used again and again.

It is judged at one point only, as that takes long.
"""

_LARGE = (60, 100, 200)
"""The most operations of large expressions, in one round after the other."""

_OPERATIONS_OF_A_LARGE_ONE = 2
"""Different operations in a large expression, for each number of variables.

With more of them, most of a large expression is often lost behind a ``relu`` or a ``min`` that
takes another branch.
"""

_SMALLEST_MAX_OPS = 10
"""With a smaller ``max_ops``, no expression is large."""


@dataclass(slots=True)
class BugInRound:
    """A bug in a round: its smallest case, its worst, and how many were judged until it showed."""

    smallest: AnyVerdict
    worst: AnyVerdict
    cases: int

    def add(self, verdict: AnyVerdict) -> None:
        """Add a case that shows the bug."""
        if _complexity(verdict) < _complexity(self.smallest):
            self.smallest = verdict
        self.worst = worse(self.worst, verdict)


@dataclass(slots=True)
class Round:
    """The result of a round: its counts, and its bugs by signature.

    ``isolated`` is true if the engine was isolated, because the round had ended a process before.
    """

    number: int
    isolated: bool = False
    statistics: Statistics = field(default_factory=Statistics)
    bugs: dict[str, BugInRound] = field(default_factory=dict)

    def add(self, verdict: AnyVerdict) -> None:
        """Add a case."""
        self.statistics.count(verdict)
        elements = verdict if isinstance(verdict, Verdict) else verdict.elements
        self.statistics.features.update(features_of_verdict(elements))
        if verdict.is_finding:
            bug = BugInRound(verdict, verdict, self.statistics.cases)
            self.bugs.setdefault(verdict.signature, bug).add(verdict)


def judge_round(
    engine: AnyEngine,
    options: Options,
    number: int,
    *,
    heartbeat: Callable[[], None],
    seconds: float | None = None,
) -> Round:
    """Judge all cases of a round, and call ``heartbeat`` before each.

    The round ends early at the first bug with ``fail_fast``, and after a case that would be costly
    to meet again: a hang, too much memory, or a crash of an isolated engine. After ``seconds`` it
    ends with the next case, so that a slow engine has a result when the time of a run is up.
    """
    end = math.inf if seconds is None else time.monotonic() + seconds
    result = Round(number, isolated=isinstance(engine, IsolatedEngine | IsolatedArrays))
    costly = {*COSTLY, Kind.CRASH} if result.isolated else COSTLY
    if isinstance(engine, ArrayEngine):
        _judge_arrays(engine, options, result, heartbeat, costly, end=end)
        return result
    operations = options.operations_of(engine)
    drawn = drawn_in_round(
        operations, options.max_ops, seed=options.seed, number=number, precision=engine.precision
    )
    for expression, points in islice(drawn, options.expressions_in_round(number)):
        whole_formula = result.statistics.expressions % WHOLE_FORMULA_EVERY == 0
        result.statistics.expressions += 1
        result.statistics.features.update(features_of_expression(expression))
        for point in points:
            heartbeat()
            verdict = check(
                Case(expression, point),
                engine,
                whole_formula=whole_formula,
                fail_on=options.fail_on,
                # An earlier graph leaves the same behind, whatever the numbers are.
                used_inputs=point is points[0],
            )
            result.add(verdict)
            is_enough = verdict.kind in costly or (options.fail_fast and verdict.is_finding)
            if is_enough or time.monotonic() >= end:
                return result
    return result


def _judge_arrays(
    engine: ArrayEngine,
    options: Options,
    result: Round,
    heartbeat: Callable[[], None],
    costly: Collection[Kind],
    *,
    end: float,
) -> None:
    """Judge the array cases of a round, each at one point, until the time has come to its end."""
    from gradcheck.arrays.forms import forms  # noqa: PLC0415
    from gradcheck.generation.array_programs import random_cases  # noqa: PLC0415 - needs NumPy

    drawn = random_cases(
        options.array_operations,
        missing_forms=engine.missing_forms,
        max_ops=options.max_ops,
        precision=engine.precision,
        seed=f"{options.seed}:{result.number}",
    )
    for case in islice(drawn, options.expressions_in_round(result.number)):
        heartbeat()
        result.statistics.expressions += 1
        result.statistics.features.update(f"form {form}" for form in forms(case.program))
        verdict = check_any(case, engine)
        result.add(verdict)
        is_last = verdict.kind in costly or (options.fail_fast and verdict.is_finding)
        if is_last or time.monotonic() >= end:
            return


def drawn_in_round(
    operations: tuple[Operation, ...],
    max_ops: int,
    *,
    seed: int,
    number: int,
    precision: Precision = FLOAT64,
) -> Iterator[Drawn]:
    """Yield the random expressions of a round, without end, one in 25 of them large."""
    turn, place = divmod(number, _OTHER_MAGNITUDE_EVERY)
    magnitude = _OTHER_MAGNITUDES[turn % len(_OTHER_MAGNITUDES)] if place == 1 else _MAGNITUDE
    name = f"{seed}:{number}"
    draw = partial(random_expressions, magnitude=magnitude, precision=precision)
    ordinary = draw(operations, max_ops=max_ops, seed=name)
    if max_ops < _SMALLEST_MAX_OPS:
        yield from ordinary  # which has no end
    most = max(max_ops, _LARGE[number % len(_LARGE)])
    name = f"{name}:large"
    few = _few(operations, random.Random(name))  # noqa: S311 - to repeat a run, not to hide it
    large = draw(few, max_ops=most, seed=name)
    while True:
        yield from islice(ordinary, _LARGE_EVERY - 1)
        expression, points = next(large)
        yield expression, points[:1]


def _few(operations: Sequence[Operation], source: random.Random) -> list[Operation]:
    """Return a few random operations for each number of variables."""
    few: list[Operation] = []
    for count in sorted({operation.variables for operation in operations}):
        alike = [operation for operation in operations if operation.variables == count]
        few += source.sample(alike, min(len(alike), _OPERATIONS_OF_A_LARGE_ONE))
    return few


def _complexity(verdict: AnyVerdict) -> tuple[int, int, int]:
    """Return the numbers of operations and nodes, and the length of the point as text."""
    expression, point = verdict.case.expression, verdict.case.point
    return expression.size, len(expression.nodes), sum(len(repr(number)) for number in point)


def worse(one: AnyVerdict, other: AnyVerdict) -> AnyVerdict:
    """Return the verdict with the larger error, or the first if they are equal."""
    return other if other.relative_error > one.relative_error else one
