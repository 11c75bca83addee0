"""The grammar of random expressions: graphs with shared nodes, not only trees."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gradcheck.expression import Constant, Expression, Input
from gradcheck.generation.choices import Choices
from gradcheck.generation.domain import Builder, Point
from gradcheck.generation.numbers import constants, exponents
from gradcheck.generation.points import require_magnitude
from gradcheck.operations import Operation
from gradcheck.precision import FLOAT64, Precision

Drawn = tuple[Expression, list[Point]]
"""An expression and the points to judge it at."""

_OPS_TO_GROW = 20
"""An expression of several times as many operations is a large one."""

_MAX_OPS = 1000
"""Hypothesis gives up on examples with many more choices."""

_ODDS_OF_NO_OPERATION = 256
"""One expression in 256 is an input without operations."""

_ODDS_OF_ANY_DOMAIN = 32
"""One expression in 32 is drawn with no regard to domains, to meet what lies outside."""


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
        precision: Precision = FLOAT64,
    ) -> None:
        is_in_range = 0 <= max_ops <= _MAX_OPS and 1 <= max_inputs <= len(string.ascii_lowercase)
        if not (operations and is_in_range):
            message = (
                "an expression needs at least one operation to choose from, "
                f"max_ops from 0 to {_MAX_OPS} and max_inputs from 1 to 26"
            )
            raise ValueError(message)
        require_magnitude(magnitude)
        self._turns = _turns(operations)
        self._operands_of_a_step = max(operation.arity for operation in operations)
        self._inputs = tuple(Input(name) for name in string.ascii_lowercase[:max_inputs])
        self._operands = _operands(max_inputs, max_ops, constants(magnitude, precision))
        self._precision = precision
        self._odds_to_stop = _odds_to_stop(max_ops)

    def number_of_inputs(self, choices: Choices) -> int:
        """Return a random number of inputs."""
        return 1 + choices.below(len(self._inputs))

    def draw(self, choices: Choices, inputs: int, points: Sequence[Point] = ()) -> Drawn:
        """Return a random expression whose output depends on all of its operations, and points.

        Nearly always, at least half of the points are inside the domain of every operation, and no
        value overflows there. These points are returned.
        """
        ignores_domains = choices.below(_ODDS_OF_ANY_DOMAIN) == _ODDS_OF_ANY_DOMAIN - 1
        program = _Program(self._inputs[:inputs], self._precision)
        for odds in self._odds_to_stop:
            if choices.below(odds) == 0:
                break
            drawn = [choices.one_of(self._operands) for _ in range(self._operands_of_a_step)]
            program.apply(choices.one_of(self._turns), drawn)
        else:
            choices.below(2)  # the choice to stop, if one of the steps is deleted
        expression, inside = program.expression(() if ignores_domains else points)
        return expression, inside or list(points)


def _turns(operations: Sequence[Operation]) -> list[tuple[Operation, ...]]:
    """Return each operation, followed by those that can take its place, on as many variables."""
    turns = ((*operations[index:], *operations[:index]) for index in range(len(operations)))
    return [tuple(o for o in turn if o.variables == turn[0].variables) for turn in turns]


def _odds_to_stop(max_ops: int) -> list[int]:
    """Return for each step the n such that one choice in n is to stop before it.

    Long programs are likely. This makes up for operations that the output does not depend on.
    """
    steps_left = range(max_ops, 0, -1)
    return [_ODDS_OF_NO_OPERATION if left == max_ops else 2 * left + 2 for left in steps_left]


_Index = int
"""The index of an input or an operation, counted without the constants."""


class _Step(NamedTuple):
    """One of several operations, the first if possible, on operands and on its parameters."""

    operations: tuple[Operation, ...]
    operands: list[_Index | Constant]
    parameters: list[Constant]


class _Program:
    """The steps drawn so far; ``unused`` are operations that are not an operand yet."""

    def __init__(self, inputs: tuple[Input, ...], precision: Precision) -> None:
        self.inputs = inputs
        self._precision = precision
        self.last: _Index = len(inputs) - 1
        self.unused: list[_Index] = []
        self._steps: list[_Step] = []

    def apply(self, operations: tuple[Operation, ...], drawn: Sequence[_Operand]) -> None:
        """Add a step whose operands are those ``drawn``, in reverse order.

        So if the two simplest operands are drawn, the last result and the one before it, they come
        in the order in which they are computed.
        """
        operands = [operand.of(self) for operand in drawn[: operations[0].variables]]
        if len(operands) == 1 and isinstance(operands[0], Constant):
            operands = [self.last]  # a function of a constant alone has no gradient
        operands.reverse()
        parameters = [operand.as_parameter for operand in drawn]
        self._steps.append(_Step(operations, operands, parameters))
        self.last += 1
        self.unused = [number for number in self.unused if number not in operands]
        self.unused.append(self.last)

    def expression(self, points: Sequence[Point]) -> Drawn:
        """Return the last result with all that it needs, each constant right before its use.

        Also return the points that are inside the domains of its operations.
        """
        builder = Builder(self.inputs, points, self._precision)
        position_of = {number: number for number in range(len(self.inputs))}
        needed = self._needed()
        for number, step in enumerate(self._steps, len(self.inputs)):
            if number in needed:
                operands = [
                    builder.constant(o) if isinstance(o, Constant) else position_of[o]
                    for o in step.operands
                ]
                position_of[number] = builder.apply(step.operations, operands, step.parameters)
        return builder.expression(position_of[self.last]), builder.points

    def _needed(self) -> set[_Index]:
        """Return the last result and the inputs and operations that it depends on."""
        needed = {self.last}
        for number, step in zip(range(self.last, -1, -1), reversed(self._steps), strict=False):
            if number in needed:
                needed.update(o for o in step.operands if not isinstance(o, Constant))
        return needed


@dataclass(frozen=True, slots=True)
class _Operand:
    """An operand to choose: ``of`` a program, or ``as_parameter`` where it has to be constant."""

    of: Callable[[_Program], _Index | Constant]
    as_parameter: Constant


def _operands(max_inputs: int, max_ops: int, numbers: Sequence[Constant]) -> list[_Operand]:
    """Return the operands to choose from, the simplest first, each as often as its weight.

    In a large expression, most operands are recent results, so that the output depends on most
    operations, and the first operation is used again and again.
    """
    growth = 1 + max_ops // _OPS_TO_GROW
    table: list[Callable[[_Program], _Index | Constant]] = [
        *[_back(0), _back(1)],
        *[_back(0)] * 44 * growth,
        *[_back(1)] * 60,
        *[_forward(0), _forward(1)] * 4,
        *[_input(number) for number in range(max_inputs) for _ in range(8)],
        *[_back(2)] * 44,
        *[_back(3)] * 4,
        *[_oldest_unused] * 44 * growth,
        *[_forward(0)] * 8 * (growth - 1),
        *map(_constant, numbers),
    ]
    return [
        _Operand(of, as_parameter)
        for of, as_parameter in zip(table, exponents(len(table)), strict=True)
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
