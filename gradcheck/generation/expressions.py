"""The grammar of random expressions: graphs with shared nodes, not only trees."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gradcheck.expression import Apply, Constant, Expression, Input, Node
from gradcheck.generation.choices import Choices
from gradcheck.generation.points import require_magnitude
from gradcheck.operations import Operation

_MAX_OPS = 1000
"""Hypothesis gives up on examples with many more choices."""

_ODDS_OF_NO_OPERATION = 256
"""One expression in 256 is an input without operations."""

_PARAMETERS = tuple(map(Constant, (2.0, 3.0, -1.0, 0.5, 0.0, 1.0, -2.0, 1.5, 4.0, -0.5)))
"""The exponents of powers: integers, which are in the domain of every base, and others."""

_CONSTANTS = (2.0, 1.0, -1.0, 0.5, 3.0, -2.0, 0.1, -0.7, 1.5, 0.0, 10.0, 1e-3, -1e-8, 1e6)


class ExpressionGrammar:
    """Random expressions of up to ``max_ops`` operations; the options are those of ``expressions``.

    An expression is drawn step by step. Before each step there is a choice to stop, so that a step
    can be deleted together with its choices. A step applies an operation to earlier results, given
    by their distance. Every step has the same number of choices, so that replacing its operation
    does not change other steps.
    """

    def __init__(
        self,
        operations: Sequence[Operation],
        *,
        max_ops: int = 10,
        max_inputs: int = 3,
        magnitude: float = 3.0,
    ) -> None:
        is_in_range = 0 <= max_ops <= _MAX_OPS and 1 <= max_inputs <= len(string.ascii_lowercase)
        if not (operations and is_in_range):
            message = (
                "an expression needs at least one operation to choose from, "
                f"max_ops from 0 to {_MAX_OPS} and max_inputs from 1 to 26"
            )
            raise ValueError(message)
        require_magnitude(magnitude)
        self._operations = tuple(operations)
        self._operands_of_a_step = max(operation.arity for operation in operations)
        self._inputs = tuple(Input(name) for name in string.ascii_lowercase[:max_inputs])
        self._operands = _operands(max_inputs, magnitude)
        self._odds_to_stop = _odds_to_stop(max_ops)

    def draw(self, choices: Choices) -> Expression:
        """Return a random expression whose output depends on all of its operations."""
        program = _Program(self._inputs[: 1 + choices.below(len(self._inputs))])
        for odds in self._odds_to_stop:
            if choices.below(odds) == 0:
                break
            drawn = [choices.one_of(self._operands) for _ in range(self._operands_of_a_step)]
            program.apply(choices.one_of(self._operations), drawn)
        else:
            choices.below(2)  # the choice to stop, if one of the steps is deleted
        return program.expression()


def _odds_to_stop(max_ops: int) -> list[int]:
    """Return for each step the n such that one choice in n is to stop before it.

    Long programs are likely. This makes up for operations that the output does not depend on.
    """
    steps_left = range(max_ops, 0, -1)
    return [_ODDS_OF_NO_OPERATION if left == max_ops else 2 * left + 2 for left in steps_left]


_Index = int
"""The index of an input or an operation, counted without the constants."""


class _Program:
    """The steps drawn so far; ``unused`` are operations that are not an operand yet."""

    def __init__(self, inputs: tuple[Input, ...]) -> None:
        self.inputs = inputs
        self.last: _Index = len(inputs) - 1
        self.unused: list[_Index] = []
        self._steps: list[tuple[Operation, list[_Index | Constant]]] = []

    def apply(self, operation: Operation, drawn: Sequence[_Operand]) -> None:
        """Add a step whose operands are those ``drawn``, in reverse order.

        So if the two simplest operands are drawn, the last result and the one before it, they come
        in the order in which they are computed.
        """
        operands: list[_Index | Constant] = []
        for index, operand in enumerate(drawn[: operation.arity]):
            is_parameter = index < operation.parameters
            operands.append(operand.as_parameter if is_parameter else operand.of(self))
        operands.reverse()
        self._steps.append((operation, operands))
        self.last += 1
        self.unused = [number for number in self.unused if number not in operands]
        self.unused.append(self.last)

    def expression(self) -> Expression:
        """Return the last result with all that it needs, each constant right before its use."""
        needed = self._needed()
        nodes: list[Node] = [*self.inputs]
        position_of = {number: number for number in range(len(nodes))}
        for number, (operation, operands) in enumerate(self._steps, len(self.inputs)):
            if number not in needed:
                continue
            positions = []
            for operand in operands:
                if isinstance(operand, Constant):
                    positions.append(len(nodes))
                    nodes.append(operand)
                else:
                    positions.append(position_of[operand])
            position_of[number] = len(nodes)
            nodes.append(Apply(operation, tuple(positions)))
        return Expression(tuple(nodes), output=position_of[self.last])

    def _needed(self) -> set[_Index]:
        """Return the last result and the inputs and operations that it depends on."""
        needed = {self.last}
        for number, (_, operands) in zip(
            range(self.last, -1, -1), reversed(self._steps), strict=False
        ):
            if number in needed:
                needed.update(o for o in operands if not isinstance(o, Constant))
        return needed


@dataclass(frozen=True, slots=True)
class _Operand:
    """An operand to choose: ``of`` a program, or ``as_parameter`` where it has to be constant."""

    of: Callable[[_Program], _Index | Constant]
    as_parameter: Constant


def _operands(max_inputs: int, magnitude: float) -> list[_Operand]:
    """Return the operands to choose from, the simplest first, each as often as its weight."""
    inputs = [_input(number) for number in range(max_inputs)]
    constants = [Constant(number) for number in _CONSTANTS if abs(number) <= magnitude]
    table: list[Callable[[_Program], _Index | Constant]] = [
        *[_back(0), _back(1)],
        *[_back(0)] * 11,
        *[_back(1)] * 14,
        *[_forward(0), _forward(1)],
        *[operand for operand in inputs for _ in range(2)],
        *[_back(2)] * 11,
        *[_back(3)],
        *[_oldest_unused] * 11,
        *map(_constant, constants),
    ]
    return [
        _Operand(of, as_parameter=_PARAMETERS[index * len(_PARAMETERS) // len(table)])
        for index, of in enumerate(table)
    ]


def _back(distance: int) -> Callable[[_Program], _Index]:
    """Return an operand: the result at a distance before the last one."""
    return lambda program: program.last - distance % (program.last + 1)


def _forward(distance: int) -> Callable[[_Program], _Index]:
    """Return an operand: the result at a distance after the first operation, or else the last."""

    def of(program: _Program) -> _Index:
        first = len(program.inputs)
        operations = program.last + 1 - first
        return first + distance % operations if operations else program.last

    return of


def _oldest_unused(program: _Program) -> _Index:
    """Return the oldest unused operation, so that branches meet, or else the last result."""
    return program.unused[0] if program.unused else program.last


def _input(number: int) -> Callable[[_Program], _Index]:
    """Return an operand: an input, however long ago it was added."""
    return lambda program: number % len(program.inputs)


def _constant(constant: Constant) -> Callable[[_Program], Constant]:
    return lambda _program: constant
