"""How the time of one check grows with the expression."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from statistics import linear_regression

from alternating import all_of, alternate, measured
from checks import own_check
from random_cases import random_cases
from table import Figure, Target


def figure(sizes: Sequence[int], *, rounds: int, seed: int) -> Figure:
    """The exponent of a power of the size, fitted to the times of one check."""
    counts = {size: max(1, 1000 // size) for size in sizes}
    timings = alternate(
        {
            str(size): all_of(own_check, random_cases(count, size, seed))
            for size, count in counts.items()
        },
        rounds,
    )

    of_one = [timings[str(size)].share(count) for size, count in counts.items()]

    def exponent(seconds: Sequence[float]) -> float:
        return linear_regression(list(map(log, sizes)), list(map(log, seconds))).slope

    by_round = zip(*(timing.seconds for timing in of_one), strict=True)
    return Figure(
        f"growth of one check from {sizes[0]:,} to {sizes[-1]:,} operations, as an exponent",
        measured(
            exponent([timing.median for timing in of_one]), [exponent(each) for each in by_round]
        ),
        Target(at_most=1.1),
    )
