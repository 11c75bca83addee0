"""Which float64 numbers a faithful engine may return."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable

from gradcheck.comparison import Comparison
from gradcheck.oracles.certificate import Certified


def faithful_range(certified: Certified) -> tuple[float, float] | None:
    """The least and the largest float that agrees with the truth; ``None`` where there is no bound.

    Exactly these numbers agree, so that a comparison in plain floats says what a proof would.
    """
    if not certified.in_range:
        return None

    def agrees(number: float) -> bool:
        return Comparison(number, certified).agrees is True

    middle, allowed = certified.truth.mid(), certified.allowed_error
    inside = float(middle)
    return (
        _last(agrees, inside, float(middle - allowed), towards=-1),
        _last(agrees, inside, float(middle + allowed), towards=1),
    )


def _last(agrees: Callable[[float], bool], inside: float, near: float, *, towards: int) -> float:
    """The last float on the way there that agrees; ``near`` is about where it is.

    By halves, not float by float: beside zero, where a range at a kink may end, ``near`` may have
    more floats on its way than anybody can walk.
    """
    while not agrees(inside):  # the nearest to the middle, give or take one
        inside = math.nextafter(inside, near)
    low, high, step = _place(inside), _place(near), 1
    while agrees(_float_at(high)):
        low, high, step = high, high + towards * step, 2 * step
    while abs(high - low) > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if agrees(_float_at(middle)) else (low, middle)
    return _float_at(low)


def _place(number: float) -> int:
    """Which float it is, counted from zero."""
    bits: int = struct.unpack("<q", struct.pack("<d", abs(number)))[0]
    return -bits if number < 0.0 else bits


def _float_at(place: int) -> float:
    """The float at a place, an infinity beyond the last one."""
    bits = min(abs(place), _PLACE_OF_INFINITY)
    number: float = struct.unpack("<d", struct.pack("<q", bits))[0]
    return -number if place < 0 else number


_PLACE_OF_INFINITY = _place(math.inf)
