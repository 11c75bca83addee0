"""The contribution of an operation to the adjoint of an operand, by every formula in use.

A contribution is the upstream gradient ``g`` times a local partial. In floating-point arithmetic
the formula matters: ``-(g*a)/(b*b)`` overflows where ``-g*((a/b)/b)`` does not, and ``1 - r*r``
loses the digits of tanh's derivative that ``1/cosh(a)**2`` keeps. An engine may use any of them.

The formulas are the ``contributions`` of an operation's row. Each is an expression, so floats and
balls both evaluate it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from gradcheck.expression import Expression
from gradcheck.formula import parse
from gradcheck.operations import Operation
from gradcheck.operations.operand_names import operand_names
from gradcheck.oracles.floats import FloatOfInputs, as_function
from gradcheck.precision import Precision

_RULES_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Rule:
    """An operation with its parameters, and which of its operands the contribution is for."""

    operation: Operation
    parameters: tuple[float, ...]
    index: int


@lru_cache(maxsize=_RULES_KEPT)
def formulas(
    operation: Operation, parameters: tuple[float, ...]
) -> tuple[tuple[Expression, ...], ...]:
    """Return the formulas in use for each operand: expressions over ``g``, the operands and ``r``.

    There are none for an operation whose row has none.

    >>> from gradcheck.operations import OPERATIONS
    >>> formulas(OPERATIONS["*"], ())
    ((parse("g*b", inputs=["g", "a", "b", "r"]),), (parse("g*a", inputs=["g", "a", "b", "r"]),))
    """
    if operation.contributions is None:
        return ((),) * operation.variables
    names = ["g", *operand_names(operation.variables), "r"]
    return tuple(
        tuple(parse(text, inputs=names) for text in texts)
        for texts in operation.contributions(*_arguments(operation, parameters))
    )


def _arguments(operation: Operation, parameters: tuple[float, ...]) -> tuple[float, ...]:
    """Return what the formulas of a row depend on: its parameters, or how many operands it has."""
    return (operation.arity,) if operation.any_arity else parameters


@lru_cache(maxsize=_RULES_KEPT)
def result_formulas(operation: Operation, parameters: tuple[float, ...]) -> tuple[Expression, ...]:
    """Return other formulas in use for the result, as expressions over the operands."""
    if operation.results is None:
        return ()
    names = operand_names(operation.variables)
    texts = operation.results(*_arguments(operation, parameters))
    return tuple(parse(text, inputs=names) for text in texts)


@lru_cache(maxsize=_RULES_KEPT)
def in_floats(rule: Rule, precision: Precision) -> list[FloatOfInputs]:
    """Return the formulas as functions of ``g``, the operands and ``r``, in a format's floats.

    At a kink they are NaN, as there no contribution is the only right one. There is at least one
    function; where the row has no formula, it is NaN everywhere. The list is shared: the prover
    moves the formula that explained an engine to the front, as an engine uses one throughout.
    """
    operation = rule.operation
    in_use = formulas(operation, rule.parameters)[rule.index]
    functions = [as_function(formula, precision) for formula in in_use]
    if operation.is_at_kink is not None:
        is_at_kink = partial(_is_at_kink, operation.is_at_kink, rule.parameters)
        functions = [_except_at(is_at_kink, function) for function in functions]
    return functions or [lambda _: math.nan]


def _is_at_kink(
    of_operands: Callable[..., bool], parameters: Sequence[float], numbers: Sequence[float]
) -> bool:
    """Tell whether operands are at a kink; ``numbers`` has them between ``g`` and ``r``."""
    return of_operands(*numbers[1:-1], *parameters)


def _except_at(
    is_at_kink: Callable[[Sequence[float]], bool], function: FloatOfInputs
) -> FloatOfInputs:
    return lambda numbers: math.nan if is_at_kink(numbers) else function(numbers)
