"""Small cases around one operation, to find out whether a bug lies in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gradcheck.expression import Case, Constant
from gradcheck.operations import Operation
from gradcheck.rewriting import CaseBuilder, Reference, ordinary_number

_ORDINARY_PARAMETER = Constant(3.0)
"""An exponent that every engine with powers supports."""


@dataclass(frozen=True, slots=True)
class Use:
    """An operation with the numbers of its operands; a ``Constant`` stays a constant.

    One node is marked. ``shared`` are the indices of the operands that are this node.
    """

    operation: Operation
    operands: tuple[float | Constant, ...]
    shared: frozenset[int] = frozenset()

    @classmethod
    def ordinary(cls, operation: Operation, *, shared: int = 1) -> Use:
        """Return a use at ordinary numbers; its first ``shared`` operands are the marked node."""
        numbers: list[float | Constant] = [0.0] * operation.variables
        parameters = [_ORDINARY_PARAMETER] * operation.parameters
        use = cls(operation, (*numbers, *parameters), frozenset(range(shared)))
        return use.at_ordinary_numbers()

    def at_ordinary_numbers(self) -> Use:
        """Return the use with ordinary numbers in place of all but constants."""
        operands = [
            number
            if isinstance(number, Constant)
            else ordinary_number(0 if index in self.shared else 1 + index)
            for index, number in enumerate(self.operands)
        ]
        return replace(self, operands=tuple(operands))

    def without_constants(self) -> Use:
        """Return the use at ordinary numbers, also for constants other than parameters."""
        variables = self.operation.variables
        operands = (*[0.0] * variables, *self.operands[variables:])
        return replace(self, operands=operands).at_ordinary_numbers()


def alone(use: Use, *, share: bool = False) -> Case:
    """Return a case of the operation alone: ``x0*x1``, or ``x0*x0`` with ``share``."""
    return together([use], share=share)


def together(uses: Sequence[Use], *, share: bool, combined_by: Operation | None = None) -> Case:
    """Return a case of operations combined by another: ``f(x0) + g(x1)``.

    With ``share`` the marked node is one input, the first: ``f(x0) + g(x0)``.
    """
    builder = CaseBuilder()
    shared = builder.input(_marked_number(uses)) if share else None
    total, *others = [_applied(builder, use, shared) for use in uses]
    for other in others:
        assert combined_by is not None
        total = builder.apply(combined_by, total, other)
    return builder.case(total)


def under(use: Use, above: Use) -> Case:
    """Return a case with the operation as first operand of another: ``f(x0)*x1``."""
    builder = CaseBuilder()
    inner = _applied(builder, use, None)
    return builder.case(_applied(builder, above, None, first=inner))


def repeated(operation: Operation, times: int) -> Case:
    """Return a chain of one operation: ``tanh(tanh(x0))``, ``x0*x1*x2``."""
    builder = CaseBuilder()
    node = builder.input(ordinary_number(0))
    for index in range(times):
        others = [builder.input(ordinary_number(1 + index)) for _ in range(operation.arity - 1)]
        node = builder.apply(operation, node, *others)
    return builder.case(node)


def an_input_alone(*, unused: int = 0) -> Case:
    """Return a case without operations: the output is an input, beside ``unused`` other inputs."""
    builder = CaseBuilder()
    output = builder.input(ordinary_number(0))
    for index in range(unused):
        builder.input(ordinary_number(1 + index))
    return builder.case(output)


def _marked_number(uses: Sequence[Use]) -> float:
    for use in uses:
        for index in use.shared:
            number = use.operands[index]
            assert not isinstance(number, Constant)
            return number
    message = "no operand is marked"
    raise AssertionError(message)


def _applied(
    builder: CaseBuilder, use: Use, shared: Reference | None, *, first: Reference | None = None
) -> Reference:
    operands = []
    for index, number in enumerate(use.operands):
        if index == 0 and first is not None:
            operands.append(first)
        elif isinstance(number, Constant):
            operands.append(builder.constant(number.value))
        elif shared is not None and index in use.shared:
            operands.append(shared)
        else:
            operands.append(builder.input(number))
    return builder.apply(use.operation, *operands)
