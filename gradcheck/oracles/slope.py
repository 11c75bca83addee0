"""The slope ``(f(x + h) - f(x)) / h``, with a proved bound on its distance to the derivative."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from flint import arb, ctx

from gradcheck.expression import Case, Expression
from gradcheck.oracles.arithmetic import EXACT, OUT_OF_RANGE, rounded, underflow
from gradcheck.oracles.certificate import FIRST_BITS, Certificate, Certified
from gradcheck.oracles.sweep import adjoints, values
from gradcheck.precision import FLOAT64, Precision

_MAX_WORK = 250_000
"""The most evaluations of nodes for the slopes of a case: about one second.

A slope takes a pass of the engine and up to four sweeps. So the slopes for all 337 parameters of a
network's loss would cost a hundred times as much as the proof of its gradient. An expression of a
thousand nodes gets 50 slopes.
"""

_SWEEPS = 5
"""Evaluations of each node for a slope: the engine's, and those of ``certify_slope``."""


def slopes_to_take(expression: Expression) -> int:
    """Return the number of inputs, from the first on, to take a slope for: at least one."""
    return max(1, _MAX_WORK // (_SWEEPS * len(expression.nodes)))


def default_step(x: float, precision: Precision = FLOAT64) -> float:
    """Return a step near ``sqrt(u) * max(1, |x|)`` from ``x`` to another number of the format.

    Near ``sqrt(u)`` the two errors of a slope are balanced: rounding divided by h, and curvature
    times h. The step is a power of two, corrected to the distance really covered. It is infinite
    where the format has no such number.
    """
    exponent = math.frexp(max(1.0, abs(x)))[1] - 1
    return precision.nearest(x + math.ldexp(1.0, exponent - precision.digits // 2)) - x


def moved(case: Case, index: int, step: float, precision: Precision = FLOAT64) -> Case | None:
    """Return the case with ``step`` added to one input, or ``None`` where that overflows."""
    point = list(case.point)
    point[index] = precision.nearest(point[index] + step)
    return Case(case.expression, tuple(point)) if math.isfinite(point[index]) else None


def slope(value: float, moved_value: float, step: float) -> float:
    """Return the slope in plain float arithmetic."""
    return (moved_value - value) / step


def certify_slope(
    case: Case, moved_case: Case, certificate: Certificate, index: int, step: float
) -> Certified:
    """Enclose every slope from ``case`` to ``moved_case`` that a faithful forward pass can give.

    By the mean value theorem, the true difference of the values is a derivative somewhere between x
    and the float x + h, times their distance. The engine's two values add their errors. The
    subtraction and the division round once each, and the division may underflow. The truth to
    compare with is the derivative at x.
    """
    value_here = certificate.values[case.expression.output]
    moved_value = _certified_value(moved_case, value_here.precision)
    with ctx.workprec(FIRST_BITS):
        begin, end = arb(case.point[index]), arb(moved_case.point[index])
        derivative = _derivative_between(case, index, begin.union(end))
        noise = _allowed_error(value_here) + _allowed_error(moved_value)
        difference = derivative * (end - begin) + noise * arb(0, 1)
        # The slope itself is computed in float64, whatever the engine's precision.
        rounding = arb(1, FLOAT64.unit_roundoff)
        enclosed = difference * rounding / arb(step) * rounding + underflow(FLOAT64)
        if not (abs(difference) <= FLOAT64.largest and abs(enclosed) <= FLOAT64.largest):
            enclosed = OUT_OF_RANGE
    truth = certificate.adjoints[index].truth
    return Certified(truth, enclosed, value_here.precision)


def _certified_value(case: Case, precision: Precision) -> Certified:
    """Enclose the value alone, and everything that a faithful engine may return for it."""
    output = case.expression.output
    with ctx.workprec(FIRST_BITS):
        inputs = [arb(number) for number in case.point]
        truth = values(case.expression, inputs, EXACT)[output]
        enclosed = values(case.expression, inputs, rounded(precision))[output]
    return Certified(truth, enclosed, precision)


def _allowed_error(value: Certified) -> arb:
    """Return the bound at this working precision; the stored one was computed at another."""
    return replace(value).allowed_error


def _derivative_between(case: Case, index: int, segment: arb) -> arb:
    """Enclose the derivatives with respect to an input that runs over a segment."""
    inputs: Sequence[arb] = [
        segment if i == index else arb(number) for i, number in enumerate(case.point)
    ]
    return adjoints(case.expression, values(case.expression, inputs, EXACT), EXACT)[index]
