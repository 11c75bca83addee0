"""Random points: the numbers at which an expression is judged."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from gradcheck.operations import DEFAULT_OPERATIONS, Operation

from .numbers import Numbers


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
    numbers = Numbers(operations, magnitude=magnitude)
    # All in one choice, as each costs more than what is made of it.
    length = numbers.length(number_of_inputs)
    return st.binary(min_size=length, max_size=length).map(numbers.numbers)
