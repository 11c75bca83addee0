"""The float64 numbers that a faithful engine may return."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable

from gradcheck.comparison import Comparison
from gradcheck.oracles.certificate import Certified


def faithful_range(certified: Certified) -> tuple[float, float] | None:
    """Return the smallest and the largest float that agrees with the truth, if there is a bound.

    Every float between them agrees and no other does, so a comparison of floats is as good as a
    proof.
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
    """Return the last float that agrees, from ``inside`` in one direction; ``near`` is close to it.

    This is a bisection over the floats. Beside zero, where a range at a kink may end, there can be
    far too many floats to try each.
    """
    while not agrees(inside):  # at most a float or two from the middle
        inside = math.nextafter(inside, near)
    low, high, step = _rank(inside), _rank(near), 1
    while agrees(_float_at(high)):
        low, high, step = high, high + towards * step, 2 * step
    while abs(high - low) > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if agrees(_float_at(middle)) else (low, middle)
    return _float_at(low)


def _rank(number: float) -> int:
    """Return the rank of a float, counted from zero."""
    bits: int = struct.unpack("<q", struct.pack("<d", abs(number)))[0]
    return -bits if number < 0.0 else bits


def _float_at(rank: int) -> float:
    """Return the float of a rank, or an infinity beyond the largest float."""
    bits = min(abs(rank), _RANK_OF_INFINITY)
    number: float = struct.unpack("<d", struct.pack("<q", bits))[0]
    return -number if rank < 0 else number


_RANK_OF_INFINITY = _rank(math.inf)
