"""Random points: the numbers at which an expression is judged."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import strategies as st

from gradcheck.operations import DEFAULT_OPERATIONS, Operation

_ROUND = (0.0, 1.0, 2.0, -1.0, 0.5, 3.0, -2.0, -0.5, 0.25, 1.5)

_LARGE = (400.0,) * 6
"""Where exp(2x) overflows, which many write tanh with."""

_LARGE_FOR_OTHERS = (400.0, 400.0, 800.0, 800.0, -800.0, -800.0)
"""Where exp(x) and exp(-x) do, as in a logistic function."""

_RARE = (5.0, -9.0, 18.0, 1e-3, -1e-4, -1e-8, 1e-30, 1e-160, 2.0**-1022, -5e-324)
"""The saturated tail of tanh, and numbers that are very small or subnormal."""

_ROUND_WEIGHT = 15
"""How often each is listed beside each rare one, which often decides nothing."""

_LEAST = 1e-30
"""The smallest size of an ordinary number, as a share of the magnitude."""


def points(
    number_of_inputs: int,
    *,
    operations: Sequence[Operation] = DEFAULT_OPERATIONS,
    magnitude: float = 3.0,
) -> st.SearchStrategy[tuple[float, ...]]:
    """Random points of ``number_of_inputs`` numbers, none larger than ``magnitude`` but for a few.

    Half of the numbers are ordinary floats, and nearly all others are round and small, which makes
    exact zeros and equal inputs. A few lie in the saturated tail of tanh or are very small, or
    where functions overflow that some of the ``operations`` may be written with. Raises
    ``ValueError`` for a magnitude that is not a positive finite number.

    >>> from hypothesis import find
    >>> find(points(2), lambda point: point[0] > point[1])
    (1.0, 0.0)
    """
    if not 0.0 < magnitude < math.inf:
        message = f"points() needs a positive, finite magnitude, not {magnitude}"
        raise ValueError(message)
    small = [number for number in _ROUND if abs(number) <= magnitude]
    large = _LARGE if set(operations) <= set(DEFAULT_OPERATIONS) else _LARGE_FOR_OTHERS
    listed = st.sampled_from([*small * _ROUND_WEIGHT, *large, *_RARE])
    # Left to themselves, floats are tiny far too often, and what underflows proves nothing.
    least = _LEAST * magnitude
    ordinary = st.floats(-magnitude, magnitude).filter(lambda number: abs(number) >= least)
    return st.tuples(*[listed | ordinary] * number_of_inputs)
