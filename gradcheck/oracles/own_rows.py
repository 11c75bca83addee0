"""Compare the formulas of an operation of your own with its definition, before it is used."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import sympy
from flint import arb, ctx

from gradcheck.expression import Apply, Constant, Expression
from gradcheck.formula import write
from gradcheck.operations import BUILT_IN, Operation
from gradcheck.oracles.arithmetic import EXACT, rounded
from gradcheck.oracles.balls import exact_number
from gradcheck.oracles.contributions import Rule, formulas, result_formulas
from gradcheck.oracles.rows import RowError, require_agreement
from gradcheck.oracles.sweep import contribution, formula_in_balls, result
from gradcheck.oracles.symbolic import alone, definition, local_partials
from gradcheck.precision import FLOAT64

_NUMBERS = (0.75, 1.25, -0.5, 3.0, 0.1, -2.0, 20.0, 1e-3)
"""Numbers at which most operations are defined, of both signs and of several sizes."""

_BITS = 200

_UPSTREAM = arb(0.75)


def require_true_formulas(expression: Expression) -> None:
    """Raise ``RowError`` for an own operation whose formulas contradict its definition.

    They are compared at a few numbers, once for each operation and its parameters.
    """
    if all(operation.row in BUILT_IN for operation in expression.operations):
        return
    for node in expression.nodes:
        if isinstance(node, Apply) and node.operation.row not in BUILT_IN:
            _require_true_row(node.operation, expression.parameters(node))


@cache
def _require_true_row(operation: Operation, parameters: tuple[float, ...]) -> None:
    with ctx.workprec(_BITS):
        try:
            _require_holes(operation, parameters)
            for numbers in _samples(operation):
                _require_agreement(operation, parameters, numbers)
        except RowError:
            raise
        except Exception as error:  # whatever the user's definition raises
            message = f"operation {operation.name}: its row cannot be used: {error}"
            raise RowError(message) from error


def _samples(operation: Operation) -> Iterator[tuple[float, ...]]:
    """Yield operands without parameters; the numbers are shifted for each further operand."""
    for index in range(len(_NUMBERS)):
        shifted = (_NUMBERS[(index + 3 * i) % len(_NUMBERS)] for i in range(operation.variables))
        yield tuple(shifted)


def _require_agreement(
    operation: Operation, parameters: tuple[float, ...], numbers: tuple[float, ...]
) -> None:
    """Compare every formula of a row at one point, unless that is outside of its domain."""
    operands = list(map(arb, numbers))
    value = definition(operation, parameters)(operands)
    if not value.is_finite():
        return
    at = ", ".join(map(repr, numbers))
    for formula in result_formulas(operation, parameters):
        found = _evaluated(formula, operands)
        _require_overlap(operation, f"the result {write(formula)} at {at}", found, value)
    arguments = [*operands, value]
    for index, in_use in enumerate(formulas(operation, parameters)):
        true = contribution(Rule(operation, parameters, index), _UPSTREAM, arguments, EXACT)
        for formula in in_use:
            found = _evaluated(formula, [_UPSTREAM, *arguments])
            what = (
                f"the contribution {write(formula)} to operand {index + 1} at {at}, for g = 0.75,"
            )
            _require_overlap(operation, what, found, true)
    if operation.partials is not None:
        own, true_partials = (
            local_partials(operation, parameters, arithmetic)
            for arithmetic in (rounded(FLOAT64), EXACT)
        )
        require_agreement(operation, own, true_partials, arguments)
    if operation.in_floats is not None:
        in_floats = _in_floats(operation.in_floats, (*numbers, *parameters))
        allowed = result(operation, parameters, rounded(FLOAT64))(operands)
        _require_overlap(operation, f"`in_floats` at {at}", in_floats, allowed)


def _evaluated(formula: Expression, inputs: Sequence[arb]) -> arb | None:
    """Enclose what an engine may get by a formula whose constants are rounded to float64."""
    unit = arb(1, FLOAT64.unit_roundoff)
    nodes = formula.nodes[len(inputs) :]
    constants = [arb(n.value) * unit if isinstance(n, Constant) else arb(0) for n in nodes]
    return formula_in_balls(formula, rounded(FLOAT64), constants)(inputs)


def _in_floats(function: Callable[..., float], operands: Sequence[float]) -> arb | None:
    try:
        found = function(*operands)
    except (ArithmeticError, ValueError):
        return None
    return arb(found) if math.isfinite(found) else None


def _require_holes(operation: Operation, parameters: tuple[float, ...]) -> None:
    """Raise ``RowError`` for a hole in which the definition has no limit."""
    if not operation.holes:
        return
    operands, formula = alone(operation, parameters)
    if len(operands) != 1:
        message = f"operation {operation.name}: only an operation on one operand can have `holes`"
        raise RowError(message)
    for at in operation.holes:
        limit = sympy.limit(formula, operands[0], exact_number(at), "+-")
        if not limit.is_finite:
            message = (
                f"operation {operation.name}: its row contradicts itself: `holes` has {at!r}, "
                f"where the limit of the definition is {limit}; leave it out"
            )
            raise RowError(message)


def _require_overlap(operation: Operation, what: str, found: arb | None, true: arb) -> None:
    if found is None or not (found.is_finite() and true.is_finite()) or found.overlaps(true):
        return
    message = (
        f"operation {operation.name}: its row contradicts itself: {what} is "
        f"{float(found.mid())!r}, and by the definition {float(true.mid())!r}; correct one of them"
    )
    raise RowError(message)
