"""The suspects of an undecided case: operations whose step is not proved, each in its own case.

Where rounding could explain any number of a whole expression, it cannot explain much in a single
operation on the numbers that the engine had.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice

from gradcheck.engines.protocol import Reading
from gradcheck.expression import Apply, Case, Constant, Expression
from gradcheck.operations import OPERATIONS, Operation
from gradcheck.oracles.stepwise import unproved_steps
from gradcheck.rewriting import CaseBuilder, Reference
from gradcheck.verdict import Verdict

_MAX_SUSPECTS = 8
"""Suspects of one undecided case that are judged, as each takes as long as a case of its own."""


def suspects(verdict: Verdict, operations: frozenset[Operation]) -> list[Case]:
    """Return a case for each suspect of an undecided case, for an engine with these operations.

    There are none where the engine does not show its nodes.
    """
    if verdict.kind.is_decided or verdict.case.steps or verdict.run.fault is not None:
        return []
    size = verdict.case.expression.size
    smaller = (c for c in _suspects(verdict, operations) if c.expression.size < size)
    # In a large graph nearly every step may be unproved.
    return list(dict.fromkeys(islice(smaller, _MAX_SUSPECTS)))


def _suspects(verdict: Verdict, operations: frozenset[Operation]) -> Iterator[Case]:
    expression, readings = verdict.case.expression, verdict.run.readings
    if len(readings) < len(expression.nodes):
        return
    for step in unproved_steps(verdict.case, readings, verdict.certificate.precision):
        if not step.is_adjoint:
            yield from _alone(expression, step.position, readings)
            continue
        for position, node in enumerate(expression.nodes):
            if isinstance(node, Apply) and step.position in node.operands:
                yield from _alone(expression, position, readings)
                upstream = readings[position].adjoint
                if OPERATIONS["*"] in operations and upstream not in (None, 0.0, 1.0):
                    yield from _alone(expression, position, readings, upstream=upstream)


def _alone(
    expression: Expression,
    position: int,
    readings: Sequence[Reading],
    *,
    upstream: float | None = None,
) -> Iterator[Case]:
    """Yield the operation at a node on the engine's numbers, if these are finite.

    It is multiplied by the upstream gradient, if that is given.
    """
    node = expression.nodes[position]
    if not isinstance(node, Apply):
        return
    builder = CaseBuilder()
    references: dict[int, Reference] = {}
    for operand in dict.fromkeys(node.operands):
        made, number = expression.nodes[operand], readings[operand].value
        if isinstance(made, Constant):
            references[operand] = builder.constant(made.value)
        elif number is not None and math.isfinite(number):
            references[operand] = builder.input(number)
        else:
            return
    output = builder.apply(node.operation, *(references[i] for i in node.operands))
    if upstream is not None:
        if not math.isfinite(upstream):
            return
        output = builder.apply(OPERATIONS["*"], builder.constant(upstream), output)
    yield builder.case(output)
