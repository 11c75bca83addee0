"""Who notices a wrong gradient of arrays? gradcheck and its peers on the same broken tensors.

    pip install -e '.[bench]' && python benchmarks/array_detection.py

As in ``detection.py``, a case contains a bug where the broken engine and the right one differ in
any number. The peers get the program as a function of all elements. A gradient of another shape
counts as noticed by all: they cannot even be given it.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import ModuleType

import numpy as np
from detection import GRADCHECK, row
from peers import Accepts, Function, installed

from gradcheck import check
from gradcheck.arrays.program import ArrayCase
from gradcheck.engine.broken.array_bugs import RIGHT
from gradcheck.engines.arrays.discovery.discover import array_engine
from gradcheck.engines.arrays.protocol import ArrayEngine
from gradcheck.engines.faults import Fault
from gradcheck.generation.array_programs import random_cases
from gradcheck.selftest.array_zoo import planted_array_bugs


@dataclass(frozen=True)
class ArrayFunction:
    """An array program as an engine computes it, on all elements in order."""

    engine: ArrayEngine
    case: ArrayCase

    def value(self, point: Sequence[float]) -> float:
        value = self.engine.value(self.case.at(point))
        if isinstance(value, Fault):
            raise ArithmeticError(str(value))  # noqa: TRY004 - the engine's error, no wrong type
        return value

    def gradient(self, point: Sequence[float]) -> list[float]:
        case = self.case.at(point)
        run = self.engine.run(case)
        if run.fault is not None:
            raise ArithmeticError(str(run.fault))
        numbers: list[float] = []
        for x, gradient in zip(case.program.inputs, run.gradients, strict=True):
            found = np.zeros(x.shape) if gradient is None else gradient
            if found.shape != x.shape:
                message = f"a gradient of shape {found.shape} for {x.shape}"
                raise ValueError(message)
            numbers += found.ravel().tolist()
        return numbers

    @property
    def numbers(self) -> str:
        """All numbers bit for bit, or the error."""
        try:
            return repr([self.value(self.case.point), *self.gradient(self.case.point)])
        except (ArithmeticError, ValueError) as error:
            return str(error)


def own_verdict(function: Function, _point: Sequence[float]) -> bool:
    """Tell whether gradcheck accepts an engine at its case."""
    assert isinstance(function, ArrayFunction)
    return not check(function.case, function.engine).kind.is_finding


def right_engine() -> ArrayEngine:
    """Return the tensor of which each broken one is a change."""
    module = ModuleType("tensor")
    exec(RIGHT, vars(module))  # noqa: S102 - text of the zoo
    return array_engine("tensor.py:Tensor", vars(module)["Tensor"], module)


def drawn(engine: ArrayEngine, number: int, seed: int) -> list[ArrayCase]:
    """Return random cases that have elements and at least one operation."""
    cases = random_cases(
        sorted(engine.array_operations), missing_forms=engine.missing_forms, seed=str(seed)
    )
    return list(islice((case for case in cases if case.program.size and case.point), number))


def accepted(
    broken: ArrayEngine,
    right: ArrayEngine,
    cases: Sequence[ArrayCase],
    checkers: Mapping[str, Accepts],
) -> tuple[int, dict[str, int]]:
    """Return how many cases contain the bug, and how many of these each checker accepts."""
    counts = dict.fromkeys(checkers, 0)
    functions = [ArrayFunction(broken, case) for case in cases]
    with_bug = [f for f in functions if f.numbers != ArrayFunction(right, f.case).numbers]
    for function in with_bug:
        for name, accepts in checkers.items():
            counts[name] += accepts(function, function.case.point)
    return len(with_bug), counts


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=60, help="random cases for each bug")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--bugs", default="*", help="the bugs by their names, such as *matmul*")
    options = parser.parse_args()
    right, checkers = right_engine(), {GRADCHECK: own_verdict, **installed()}
    cases = drawn(right, options.cases, options.seed)
    scores = [
        accepted(bug.engine, right, cases, checkers) for bug in planted_array_bugs(options.bugs)
    ]
    total = sum(number for number, _ in scores)
    missed = {name: sum(counts[name] for _, counts in scores) for name in checkers}
    blind = {name: sum(0 < n == counts[name] for n, counts in scores) for name in checkers}
    alarms = [
        sum(not accepts(ArrayFunction(right, case), case.point) for case in cases)
        for accepts in checkers.values()
    ]
    print(f"{len(scores)} bugs.\n")
    row("", "cases", *checkers)
    row("---", *["---:"] * (1 + len(checkers)))
    row("accepted with a bug", total, *(f"{n / max(total, 1):.1%}" for n in missed.values()))
    row("bugs never noticed", "", *blind.values())
    row("false alarms", len(cases), *(f"{n / max(len(cases), 1):.1%}" for n in alarms))


if __name__ == "__main__":
    main()
