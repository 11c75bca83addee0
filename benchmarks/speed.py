"""How fast is gradcheck? Compare its engine, its checks and its runs with their peers.

    pip install -e '.[bench]' && python benchmarks/speed.py

In each round all contestants run once, in one process. A figure is a ratio of medians over rounds,
followed by the quartiles of the ratios of single rounds. "As fast as 2" is twice as fast, and
"cost of 2" takes twice as long.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import array_programs
import checks
import passes
import time_to_find
import whole_run
from peers import HINT
from table import HEADING, Figure, print_row

from gradcheck.engines.time_limit import watched


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of everything that is measured."""

    passes: tuple[int, ...] = (10, 40, 400, 4_000)
    longest_pass: int = 100_000
    checks: tuple[int, ...] = (5, 10, 20, 40)
    cases: int = 20
    expressions: int = 50
    growth: tuple[int, ...] = (10, 100, 1_000, 10_000)
    elements: tuple[int, ...] = (12, 200)
    bugs: str = "*"
    cases_per_bug: int = 60


SMALLEST = Sizes(
    passes=(10, 40, 400),
    longest_pass=1_000,
    checks=(5, 10),
    cases=1,
    expressions=4,
    growth=(10, 100),
    elements=(12,),
    bugs="seed_of_two",
    cases_per_bug=20,
)


def figures(sizes: Sizes, *, rounds: int, seed: int) -> Iterator[Figure]:
    """Yield all rows of the table; slow figures get a fifth of the rounds."""
    few = max(1, rounds // 5)
    for size in sizes.passes:
        yield from passes.figures(size, rounds=rounds, seed=seed)
    yield from passes.figures(sizes.longest_pass, rounds=few, seed=seed)
    for size in sizes.checks:
        yield from checks.figures(size, count=sizes.cases, rounds=rounds, seed=seed)
        yield checks.beside_sympy(size, rounds=rounds, seed=seed)
    yield checks.first_time(10, count=sizes.cases, rounds=rounds, seed=seed)
    for elements in sizes.elements:
        yield from array_programs.figures(elements, rounds=rounds, seed=seed)
    yield from whole_run.figures(expressions=sizes.expressions, rounds=few, seed=seed)
    yield from whole_run.breakdown(expressions=2 * sizes.expressions, rounds=rounds, seed=seed)
    yield checks.growth(sizes.growth, rounds=rounds, seed=seed)
    yield from time_to_find.figures(sizes.bugs, most_cases=sizes.cases_per_bug, seed=seed)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15, help="number of rounds")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--smallest", action="store_true", help="a quick test of it")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of the peers, where a number overflows
    for cells in HEADING:
        print_row(cells)
    missing = False
    with watched():  # as in a run
        for figure in figures(
            SMALLEST if options.smallest else Sizes(), rounds=options.rounds, seed=options.seed
        ):
            print_row(figure.cells)
            missing |= figure.measured == "not installed"
    if missing:
        print(f"\nSome peers are not installed: {HINT}")


if __name__ == "__main__":
    main()
