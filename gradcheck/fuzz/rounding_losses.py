"""What each operation really lost, in units in the last place."""

from __future__ import annotations

import math
from collections.abc import Iterator

from gradcheck.expression import Apply, Constant
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import true_result
from gradcheck.precision import Precision
from gradcheck.verdict import Verdict


def losses(verdict: Verdict) -> Iterator[tuple[Operation, float]]:
    """Each operation of a case, and how far off it was at the operands that the engine had.

    Operations of which something cannot be read are left out, and those that returned no number.
    """
    expression = verdict.case.expression
    numbers = _numbers(verdict)
    precision = verdict.certificate.precision
    for position, node in enumerate(expression.nodes):
        returned = numbers[position]
        if not isinstance(node, Apply) or returned is None or not expression.used[position]:
            continue
        operands = [numbers[i] for i in node.operands]
        known = [number for number in operands if number is not None]
        if len(known) == len(operands):
            exact = true_result(node.operation, known)
            if exact.is_finite():
                distance = float(abs(exact - returned))
                yield node.operation, distance / _last_place(float(exact), precision)


def _numbers(verdict: Verdict) -> list[float | None]:
    """The finite values that the engine showed, node by node."""
    expression, run = verdict.case.expression, verdict.run
    numbers: list[float | None] = [
        node.value if isinstance(node, Constant) else None for node in expression.nodes
    ]
    for position, reading in enumerate(run.readings):
        if reading.value is not None and math.isfinite(reading.value):
            numbers[position] = reading.value
    if run.value is not None and math.isfinite(run.value):
        numbers[expression.output] = run.value
    return numbers


def _last_place(number: float, precision: Precision) -> float:
    """The distance between two neighbours in the format, about a number's size."""
    exponent = math.frexp(number)[1] - precision.digits
    return max(math.ldexp(1.0, exponent), precision.smallest_subnormal)
