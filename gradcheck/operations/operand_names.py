"""Names for the operands of an operation, and for inputs without names."""

from __future__ import annotations

import string


def input_names(count: int) -> tuple[str, ...]:
    """Return names for inputs without names: a, b, c, and so on.

    >>> input_names(3), input_names(28)[-2:]
    (('a', 'b', 'c'), ('x26', 'x27'))
    """
    letters = string.ascii_lowercase
    return (*letters[:count], *(f"x{number}" for number in range(len(letters), count)))


_MOST_LETTERS = 4
"""The most operands that are named by letters."""


def operand_names(count: int) -> tuple[str, ...]:
    """Return the names of the operands in the formulas of a row.

    They are ``a``, ``b``, ``c`` and ``d``, or ``x0``, ``x1``, … for more operands than these: the
    other letters have a meaning of their own in such formulas.

    >>> operand_names(2), operand_names(5)[-1]
    (('a', 'b'), 'x4')
    """
    if count <= _MOST_LETTERS:
        return input_names(count)
    return tuple(f"x{number}" for number in range(count))
