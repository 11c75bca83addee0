"""The contribution of an operation to the adjoint of an operand, by every formula in use.

A contribution is the upstream gradient ``g`` times a local partial. In floating-point arithmetic
the formula matters: ``-(g*a)/(b*b)`` overflows where ``-g*((a/b)/b)`` does not, and ``1 - r*r``
loses the digits of tanh's derivative that ``1/cosh(a)**2`` keeps. An engine may use any of them.

The formulas are the ``contributions`` of an operation's row. Each is an expression, so floats and
balls both evaluate it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from gradcheck.expression import Expression, input_names
from gradcheck.formula import parse
from gradcheck.operations import Operation
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
    names = ["g", *input_names(operation.variables), "r"]
    return tuple(
        tuple(parse(text, inputs=names) for text in texts)
        for texts in operation.contributions(*parameters)
    )


@lru_cache(maxsize=_RULES_KEPT)
def result_formulas(operation: Operation, parameters: tuple[float, ...]) -> tuple[Expression, ...]:
    """Return other formulas in use for the result, as expressions over the operands."""
    if operation.results is None:
        return ()
    names = input_names(operation.variables)
    return tuple(parse(text, inputs=names) for text in operation.results(*parameters))


_BRANCHES: dict[tuple[str, int], FloatOfInputs] = {
    ("relu", 0): lambda numbers: numbers[0] * (numbers[1] > 0.0),
    ("max", 0): lambda numbers: numbers[0] * (numbers[1] > numbers[2]),
    ("max", 1): lambda numbers: numbers[0] * (numbers[2] > numbers[1]),
    ("min", 0): lambda numbers: numbers[0] * (numbers[1] < numbers[2]),
    ("min", 1): lambda numbers: numbers[0] * (numbers[2] < numbers[1]),
}
"""The contribution, away from the kink, of an operation that passes its gradient on or stops it."""

_KINKS: dict[str, Callable[..., bool]] = {
    "relu": lambda a: a == 0.0,
    "abs": lambda a: a == 0.0,
    "max": operator.eq,
    "min": operator.eq,
}


def kink_of(operation: Operation) -> Callable[..., bool] | None:
    """Return the function that tells whether operands are at a kink, ``None`` without kinks."""
    return _KINKS.get(operation.name)


@lru_cache(maxsize=_RULES_KEPT)
def in_floats(rule: Rule, precision: Precision) -> list[FloatOfInputs]:
    """Return the formulas as functions of ``g``, the operands and ``r``, in a format's floats.

    There is at least one; where the row has none, it is NaN. Everyone who asks for the formulas of
    a rule gets the same list, whose order may be changed: an engine uses one of them throughout,
    which is found sooner at the front.
    """
    branch = _BRANCHES.get((rule.operation.name, rule.index))
    if branch is not None:
        return [branch]
    in_use = formulas(rule.operation, rule.parameters)[rule.index]
    return [as_function(formula, precision) for formula in in_use] or [lambda _: math.nan]
