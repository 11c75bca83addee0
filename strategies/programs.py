"""Strings of bytes that stand for expressions, the simplest first."""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from dataclasses import dataclass

from gradcheck.expression import Apply, Constant, Expression, Input, Node
from gradcheck.operations import Operation

_LARGEST_SIZE = 1000
"""Hypothesis gives up on an example of more than 8 KiB, and this one takes three or four."""

_PARAMETERS = (2.0, 3.0, -1.0, 0.5, 0.0, 1.0, -2.0, 1.5, 4.0, -0.5)
"""The exponents of powers: whole ones, which every base may have, and others."""

_CONSTANTS = (2.0, 1.0, -1.0, 0.5, 3.0, -2.0, 0.1, -0.7, 1.5, 0.0, 10.0, 1e-3, -1e-8, 1e6)


class Programs:
    """What strings of ``length`` bytes stand for, with the options of ``expressions``.

    The first byte says how many of the steps count, the second how many inputs there are. Then come
    the operations of all steps, where 0 passes on what the step before gave, then their first
    operands, then the second ones, and so on. So neighbours are alike, and Hypothesis, which puts
    them in order when it shrinks, swaps like with like.
    """

    def __init__(
        self,
        operations: Sequence[Operation],
        *,
        max_size: int = 10,
        max_inputs: int = 3,
        magnitude: float = 3.0,
    ) -> None:
        may_be_large = 0 <= max_size <= _LARGEST_SIZE
        if not (operations and may_be_large and 1 <= max_inputs <= len(string.ascii_lowercase)):
            message = (
                "an expression needs an operation to be made of, a max_size between 0 and "
                f"{_LARGEST_SIZE}, and 1 to 26 inputs"
            )
            raise ValueError(message)
        if not 0.0 < magnitude < math.inf:
            message = f"the magnitude of numbers is positive and finite, not {magnitude}"
            raise ValueError(message)
        self._operations = tuple(operations)
        self._inputs = tuple(Input(name) for name in string.ascii_lowercase[:max_inputs])
        self._choices = _operand_choices(max_inputs, magnitude)
        self._most_steps = max_size
        columns = 1 + max(2, *(operation.arity for operation in self._operations))
        self.length = 2 + columns * self._most_steps

    def expression(self, program: bytes) -> Expression:
        """What a program says, without the operations that its output does not depend on."""
        nodes: list[Node] = [*self._inputs[: 1 + program[1] % len(self._inputs)]]
        number_of_inputs = len(nodes)
        results = list(range(number_of_inputs))  # where the inputs and the operations stand
        unused: list[int] = []  # the operations among them that nothing uses yet
        # As what leads nowhere is left out, the larger sizes have to be drawn more often.
        steps = self._most_steps - self._most_steps * (255 - program[0]) ** 2 // 255**2
        for step in range(2, 2 + steps):
            number, *drawn = program[step :: self._most_steps]
            if number == 0:
                results.append(results[-1])
                continue
            operation = self._operations[(number - 1) * len(self._operations) // 255]
            positions = []
            for operand in self._operands(operation, drawn):
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

    def _operands(self, operation: Operation, drawn: Sequence[int]) -> list[_Operand]:
        variables = operation.variables
        parameters = drawn[variables : operation.arity]
        return [
            *(self._choices[byte * len(self._choices) // 256] for byte in drawn[:variables]),
            *(Constant(_PARAMETERS[byte * len(_PARAMETERS) // 256]) for byte in parameters),
        ]


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


def _operand_choices(max_inputs: int, magnitude: float) -> list[_Operand]:
    """What an operand may be, simplest first, each as often as it has weight."""
    inputs = [_InputNumber(index) for index in range(max_inputs)]
    constants = [Constant(number) for number in _CONSTANTS if abs(number) <= magnitude]
    return [
        *[_Back(0)] * 12,
        *[_Back(1)] * 15,
        *[_Forward(0), _Forward(1)],
        *[operand for operand in inputs for _ in range(2)],
        *[_Back(2)] * 11,
        *[_Back(3)],
        *[_OldestUnused()] * 11,
        *constants,
    ]
