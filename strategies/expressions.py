"""Random expressions: graphs with shared nodes, not only trees."""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from gradcheck.expression import Apply, Constant, Expression, Input, Node
from gradcheck.operations import DEFAULT_OPERATIONS, Operation

_PARAMETERS = (2.0, 3.0, -1.0, 0.5, 0.0, 1.0, -2.0, 1.5, 4.0, -0.5)
"""The exponents of powers: whole ones, which every base may have, and others."""

_CONSTANTS = (2.0, 1.0, -1.0, 0.5, 3.0, -2.0, 0.1, -0.7, 1.5, 0.0, 10.0, 1e-3, -1e-8, 1e6)


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
    if not operations or max_size < 0 or not 1 <= max_inputs <= len(string.ascii_lowercase):
        message = "expressions() needs an operation, a max_size of at least 0, and 1 to 26 inputs"
        raise ValueError(message)
    if not 0.0 < magnitude < math.inf:
        message = f"expressions() needs a positive, finite magnitude, not {magnitude}"
        raise ValueError(message)
    choices = _operand_choices(max_inputs, magnitude)
    # Three cheap choices for each operation. Their number is the list's own business, so that
    # Hypothesis can delete any of them.
    operands = st.integers(0, len(choices) - 1)
    steps = st.tuples(st.integers(0, len(operations) - 1), operands, operands)

    # Lists are short for the most part, so every other has a least length; shrinking drops it.
    any_size = st.lists(steps, max_size=max_size)
    large = st.lists(steps, min_size=max_size // 2, max_size=max_size)
    return st.builds(
        _build,
        st.integers(1, max_inputs),
        any_size | large,
        operations=st.just(operations),
        choices=st.just(choices),
    )


@dataclass(frozen=True, slots=True)
class _Back:
    """So many inputs and operations before the last one."""

    distance: int


@dataclass(frozen=True, slots=True)
class _Forward:
    """So many operations after the first one: it stays the same when a step between goes."""

    distance: int


@dataclass(frozen=True, slots=True)
class _OldestUnused:
    """The first operation that nothing uses yet, so that branches meet again."""


@dataclass(frozen=True, slots=True)
class _InputNumber:
    """An input, however far back."""

    index: int


_Operand = _Back | _Forward | _OldestUnused | _InputNumber | Constant


def _build(
    number_of_inputs: int,
    program: list[tuple[int, int, int]],
    operations: Sequence[Operation],
    choices: Sequence[_Operand],
) -> Expression:
    """The expression of a program: for each step the numbers of an operation and two operands."""
    nodes: list[Node] = [Input(name) for name in string.ascii_lowercase[:number_of_inputs]]
    results = list(range(number_of_inputs))  # where the inputs and the operations stand
    unused: list[int] = []  # the operations among them that nothing uses yet
    for number, *drawn in program:
        operation, positions = operations[number], []
        variable = operation.variables
        operands = [choices[choice] for choice in drawn[:variable]]
        parameters = drawn[variable : operation.arity]
        operands += [Constant(_PARAMETERS[choice % len(_PARAMETERS)]) for choice in parameters]
        for operand in operands:
            match operand:
                case Constant():
                    nodes.append(operand)
                    positions.append(len(nodes) - 1)
                case _Back(distance):
                    positions.append(results[-1 - distance % len(results)])
                case _Forward(distance):
                    operations_so_far = results[number_of_inputs:] or results[-1:]
                    positions.append(operations_so_far[distance % len(operations_so_far)])
                case _OldestUnused():
                    positions.append(unused[0] if unused else results[-1])
                case _InputNumber(index):
                    positions.append(index % number_of_inputs)
        nodes.append(Apply(operation, tuple(positions)))
        results.append(len(nodes) - 1)
        unused = [*(position for position in unused if position not in positions), results[-1]]
    return Expression(tuple(nodes), output=results[-1]).pruned()


def _operand_choices(max_inputs: int, magnitude: float) -> list[_Operand]:
    """What an operand may be, simplest first; the repeats at the end are weights."""
    nearby: list[_Operand] = [
        *(_Back(0), _Back(1), _Forward(0), _Forward(1)),
        *(_Back(2), _Back(3), _OldestUnused()),
    ]
    inputs = [_InputNumber(index) for index in range(max_inputs)]
    constants = [Constant(number) for number in _CONSTANTS if abs(number) <= magnitude]
    weights: list[_Operand] = [
        *[_Back(0)] * 6,
        *[_Back(1)] * 14,
        *[_Back(2)] * 10,
        *[_OldestUnused()] * 10,
        *inputs,
    ]
    return [*nearby, *inputs, *constants, *weights]
