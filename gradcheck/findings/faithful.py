"""Which float64 numbers a faithful engine may return."""

from __future__ import annotations

import math
from collections.abc import Callable

from gradcheck.oracles.certificate import Certified
from gradcheck.witness import Witness


def faithful_range(certified: Certified) -> tuple[float, float] | None:
    """The least and the largest float that agrees with the truth; ``None`` where there is no bound.

    Exactly these numbers agree, so that a comparison in plain floats says what a proof would.
    """
    if not certified.in_range:
        return None

    def agrees(number: float) -> bool:
        return Witness(number, certified).agrees is True

    middle, allowed = certified.truth.mid(), certified.allowed_error
    return (
        _last(agrees, start=float(middle - allowed), towards=-math.inf),
        _last(agrees, start=float(middle + allowed), towards=math.inf),
    )


def _last(agrees: Callable[[float], bool], *, start: float, towards: float) -> float:
    """The last float that agrees on the way there; ``start`` is a few floats off at most."""
    number = start
    while not agrees(number):
        number = math.nextafter(number, -towards)
    while agrees(beyond := math.nextafter(number, towards)):
        number = beyond
    return number
