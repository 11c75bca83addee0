"""Who notices a wrong gradient? gradcheck and its peers on the same engines and the same cases.

    pip install -e '.[bench]' && python benchmarks/detection.py

A case contains a bug where the broken engine returns another value or another gradient than its
healthy twin, bit for bit. Accepting it is a miss; rejecting the healthy twin is a false alarm.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from peers import Accepts, Function, installed

from gradcheck import Case, Kind, check
from gradcheck.engine.broken import BUGS, Twin
from gradcheck.engines.faults import Fault
from gradcheck.engines.objects import ObjectEngine
from gradcheck.generation.choices import RandomChoices
from gradcheck.generation.expressions import ExpressionGrammar
from gradcheck.generation.points import PointGrammar
from gradcheck.operations import DEFAULT_OPERATIONS

NOT_IN_NUMBERS = ("crash", "hang", "earlier-graph")
"""Causes that do not show in the numbers of a single pass."""

ERRORS = [10.0**-k for k in range(1, 16)]

GRADCHECK = "gradcheck"


@dataclass(frozen=True)
class EngineFunction:
    """A case's expression as an engine computes it."""

    engine: ObjectEngine
    case: Case

    def value(self, point: Sequence[float]) -> float:
        value = self.engine.value(Case(self.case.expression, tuple(point)))
        if isinstance(value, Fault):
            raise ArithmeticError(str(value))  # noqa: TRY004 - the engine's error, no wrong type
        return value

    def gradient(self, point: Sequence[float]) -> list[float]:
        run = self.engine.run(Case(self.case.expression, tuple(point)))
        if run.fault is not None:
            raise ArithmeticError(str(run.fault))
        return [reading.adjoint or 0.0 for reading in run.readings[: len(point)]]

    @property
    def numbers(self) -> list[float]:
        return [self.value(self.case.point), *self.gradient(self.case.point)]


def drawn(number: int, seed: int) -> list[Case]:
    """Return ``number`` different random cases with at least one operation."""
    expressions, points = ExpressionGrammar(DEFAULT_OPERATIONS), PointGrammar(DEFAULT_OPERATIONS)
    choices = RandomChoices(random.Random(seed))  # noqa: S311 - to repeat a run, not to hide it
    found: dict[Case, None] = {}
    while len(found) < number:
        inputs = expressions.number_of_inputs(choices)
        drawn = [points.draw(choices, inputs)]
        expression, [point] = expressions.draw(choices, inputs, drawn)
        if expression.size:
            found[Case(expression, point)] = None
    return list(found)


def own_verdict(function: Function, _point: Sequence[float]) -> bool:
    """Tell whether gradcheck accepts an engine at its case."""
    assert isinstance(function, EngineFunction)
    return not check(function.case, function.engine).kind.is_finding


def engine(make: Callable[[float], Twin], name: str = "twin") -> ObjectEngine:
    """Return a broken class as an engine under test."""
    return ObjectEngine(name, make)


@dataclass
class Score:
    """How many cases contain a bug, and how many of them each checker accepts."""

    cases: int
    accepted: Counter[str]

    @property
    def found(self) -> dict[str, float]:
        """The share of the cases that each checker rejects."""
        accepted = self.accepted.items() if self.cases else ()
        return {name: 1.0 - n / self.cases for name, n in accepted}


def score(
    broken: ObjectEngine, drawn_cases: Sequence[Case], checkers: Mapping[str, Accepts]
) -> Score:
    """Count the cases that contain the bug, and the checkers that accept them."""
    result = Score(0, Counter(dict.fromkeys(checkers, 0)))
    for case in drawn_cases:
        function = EngineFunction(broken, case)
        if repr(function.numbers) == repr(EngineFunction(engine(Twin), case).numbers):
            continue
        result.cases += 1
        for name, accepts in checkers.items():
            result.accepted[name] += accepts(function, case.point)
    return result


def misses(drawn_cases: Sequence[Case], checkers: Mapping[str, Accepts]) -> None:
    """Print the misses by family, and the number of bugs that a checker never notices."""
    families: dict[str, Score] = {}
    blind: Counter[str] = Counter(dict.fromkeys(checkers, 0))
    bugs = [bug for bug in BUGS.values() if bug.cause not in NOT_IN_NUMBERS]
    for bug in bugs:
        scored = score(engine(bug.engine, bug.name), drawn_cases, checkers)
        for family in (bug.family, "all"):
            total = families.setdefault(family, Score(0, Counter(dict.fromkeys(checkers, 0))))
            total.cases += scored.cases
            total.accepted.update(scored.accepted)
        blind.update(name for name, found in scored.found.items() if found == 0.0)
    families["all"] = families.pop("all")
    print(f"{len(bugs)} bugs. Share of the cases with a bug that are accepted:\n")
    row("family", "cases", *checkers)
    row("---", *["---:"] * (1 + len(checkers)))
    for family, total in families.items():
        shares = (f"{total.accepted[name] / max(total.cases, 1):.1%}" for name in checkers)
        row(family, total.cases, *shares)
    row("bugs never noticed", "", *(blind[name] for name in checkers))


def false_alarms(drawn_cases: Sequence[Case], checkers: Mapping[str, Accepts]) -> None:
    """Print the share of correct cases of the healthy twin that each checker rejects."""
    twin = engine(Twin)
    correct = [case for case in drawn_cases if check(case, twin).kind is Kind.CORRECT]
    alarms = (
        sum(not accepts(EngineFunction(twin, case), case.point) for case in correct)
        for accepts in checkers.values()
    )
    row("false alarms", len(correct), *(f"{count / len(correct):.1%}" for count in alarms))
    undecided = len(drawn_cases) - len(correct)
    print(f"\ngradcheck leaves another {undecided} of the healthy cases undecided.")


def smallest_errors(drawn_cases: Sequence[Case], checkers: Mapping[str, Accepts]) -> None:
    """Print the smallest relative error of a partial that is noticed in 90 % of its cases."""
    print("\nSmallest relative error of one partial that is noticed in 90 % of its cases:\n")
    row("partial", *checkers)
    row("---", *["---:"] * len(checkers))
    for partial, make in (("tanh", off_in_tanh), ("*, second operand", off_in_product)):
        smallest = dict.fromkeys(checkers, "none")
        still = dict(checkers)
        for error in ERRORS:
            scored = score(engine(make(error)), drawn_cases, still)
            still = {name: still[name] for name, found in scored.found.items() if found >= 0.9}
            smallest |= dict.fromkeys(still, f"{error:.0e}")
            if not still:
                break
        row(partial, *smallest.values())


def off_in_tanh(error: float) -> type[Twin]:
    """An engine with a relative error in the derivative of tanh."""

    class Off(Twin):
        def tanh_partial(self, x: float, t: float) -> float:
            return super().tanh_partial(x, t) * (1.0 + error)

    return Off


def off_in_product(error: float) -> type[Twin]:
    """An engine with a relative error in the partial of * for its second operand."""

    class Off(Twin):
        def product_partials(self, a: float, b: float) -> tuple[float, float]:
            return b, a * (1.0 + error)

    return Off


def row(*cells: object) -> None:
    """Print a row of a Markdown table."""
    print("|", " | ".join(map(str, cells)), "|", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=60, help="random cases for each bug")
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    drawn_cases = drawn(options.cases, options.seed)
    checkers = {GRADCHECK: own_verdict, **installed()}
    misses(drawn_cases, checkers)
    false_alarms(drawn_cases, checkers)
    smallest_errors(drawn_cases, checkers)


if __name__ == "__main__":
    main()
