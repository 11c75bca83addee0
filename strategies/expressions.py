"""Random expressions: graphs with shared nodes, not only trees."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from gradcheck.expression import Expression
from gradcheck.operations import DEFAULT_OPERATIONS, Operation

from .programs import Programs


def expressions(
    *,
    operations: Sequence[Operation] = DEFAULT_OPERATIONS,
    max_size: int = 10,
    max_inputs: int = 3,
    magnitude: float = 3.0,
) -> st.SearchStrategy[Expression]:
    """Random expressions with up to ``max_size`` of the given operations.

    They share nodes: ``a*a``, diamonds, an input on several paths. They have constants of up to
    ``magnitude`` in size, on either side, and small exponents. An input may stay unused or be
    itself the output; every operation is one that the output depends on. Shrinks to fewer
    operations, then to operands that are close by. Raises ``ValueError`` for options that allow no
    expression.

    >>> from hypothesis import find
    >>> from gradcheck.formula import write
    >>> write(find(expressions(), lambda expression: expression.size == 2))
    'n1 = a + a; n1 + n1'
    """
    programs = Programs(operations, max_size=max_size, max_inputs=max_inputs, magnitude=magnitude)
    # All in one choice, as each costs more than what is made of it.
    drawn = st.binary(min_size=programs.length, max_size=programs.length)
    return drawn.map(programs.expression)
