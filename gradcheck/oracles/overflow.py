"""Numbers that are beyond the largest float, whichever formula an engine uses.

Every faithful engine returns an infinity for them, or a NaN where two such infinities cancel, or
raises an error. A finite number is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from flint import arb

from gradcheck.expression import Apply, Expression
from gradcheck.oracles.arithmetic import rounded, unit
from gradcheck.oracles.contributions import result_formulas
from gradcheck.oracles.sweep import adjoints
from gradcheck.oracles.symbolic import definition
from gradcheck.precision import Precision


def overflow_of_value(
    expression: Expression, position: int, values: Sequence[arb], precision: Precision
) -> float:
    """Return the infinity that the value of a node has to be, or 0.0.

    ``values`` enclose what a faithful engine may have at each node. A result is off by at most
    ``k * u``, and rounds to an infinity if it exceeds the largest float by ``u`` of that. If it may
    be computed by other formulas, such as ``1/(a*a)``, a product below the normal range may be off
    by more. The normal range ends at ``2 / largest``; a product of up to 64 factors, each rounding
    of which is off by ``2**-1075``, changes its reciprocal by less than half. No claim is made for
    a result that may be computed step by step, as the sum of 1e308, 1e308 and -1e308 may be.
    """
    node = expression.nodes[position]
    if not isinstance(node, Apply) or node.operation.is_composed:
        return 0.0
    operands = [values[i] for i in node.operands[: node.operation.variables]]
    if not all(operand.is_finite() for operand in operands):
        return 0.0
    parameters = expression.parameters(node)
    exact = definition(node.operation, parameters)(operands)
    loss = precision.roundings(node.operation) * unit(precision)
    least = 2 if result_formulas(node.operation, parameters) else 1
    return _infinity(exact * (1 - loss), least * _first_to_overflow(precision))


def overflowed_adjoints(
    expression: Expression, values: Sequence[arb], precision: Precision
) -> list[float]:
    """Return the infinity that the adjoint of each node has to be, or 0.0.

    Adjoints are linear in that of the output. So the sweep begins there with a small power of two
    in place of 1, and nothing overflows that is not far beyond the range. If such an adjoint
    exceeds the largest float times that power, the engine's own is infinite: where a step
    overflows earlier, none of those after it makes a finite number of an infinity.
    """
    seed = arb(2) ** -(math.frexp(precision.largest)[1] // 2)
    scaled = adjoints(expression, values, rounded(precision), seed=seed)
    least = _first_to_overflow(precision) * seed
    return [_infinity(adjoint, least) for adjoint in scaled]


def _first_to_overflow(precision: Precision) -> arb:
    """Return a number that is rounded to an infinity, as every larger one is."""
    return arb(precision.largest) * (1 + arb(precision.unit_roundoff))


def _infinity(number: arb, least: arb) -> float:
    """Return the infinity of a number's sign if the number is beyond ``least``, else 0.0."""
    if number >= least:
        return math.inf
    return -math.inf if number <= -least else 0.0
