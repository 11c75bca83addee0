"""Random cases: expressions, each at a point."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from gradcheck.expression import Case
from gradcheck.operations import DEFAULT_OPERATIONS, Operation

from .numbers import Numbers
from .programs import Programs


def cases(
    *,
    operations: Sequence[Operation] = DEFAULT_OPERATIONS,
    max_size: int = 10,
    max_inputs: int = 3,
    magnitude: float = 3.0,
) -> st.SearchStrategy[Case]:
    """Random cases for anybody's Hypothesis test; the options are those of ``expressions``.

    >>> from hypothesis import given
    >>> from gradcheck import assert_gradients
    >>> @given(cases(max_size=4))
    ... def test_my_engine(case):
    ...     assert_gradients(case, "engine:Value")
    >>> test_my_engine()
    """
    programs = Programs(operations, max_size=max_size, max_inputs=max_inputs, magnitude=magnitude)
    numbers = Numbers(operations, magnitude=magnitude)
    length = programs.length + numbers.length(max_inputs)

    def case(drawn: bytes) -> Case:
        expression = programs.expression(drawn[: programs.length])
        point = numbers.numbers(drawn[programs.length :])
        return Case(expression, point[: len(expression.inputs)])

    # All in one choice, as each costs more than what is made of it.
    return st.binary(min_size=length, max_size=length).map(case)
