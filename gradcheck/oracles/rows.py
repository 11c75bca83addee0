"""Compare an operation's own ``partials`` with the derivatives of its definition."""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb

from gradcheck.errors import UserError
from gradcheck.expression import Apply, Case
from gradcheck.operations import Operation
from gradcheck.oracles.arithmetic import EXACT, Arithmetic
from gradcheck.oracles.balls import Function
from gradcheck.oracles.symbolic import local_partials


class RowError(UserError):
    """An operation whose row contradicts its ``definition``, or cannot be used."""


def require_true_rows(case: Case, values: Sequence[arb], arithmetic: Arithmetic) -> None:
    """Raise ``RowError`` where a row's partials are not the derivatives of its definition.

    ``values`` enclose the true value of every node. There the partials, as a faithful engine rounds
    them in ``arithmetic``, have to contain the derivatives. So a row that holds for some numbers
    only is noticed at the first case with others.
    """
    for position, node in enumerate(case.expression.nodes):
        if isinstance(node, Apply) and node.operation.partials is not None:
            operands = [values[i] for i in node.operands[: node.operation.variables]]
            parameters = case.expression.parameters(node)
            true = local_partials(node.operation, parameters, EXACT)
            own = local_partials(node.operation, parameters, arithmetic)
            require_agreement(node.operation, own, true, (*operands, values[position]))


def require_agreement(
    operation: Operation,
    own: Sequence[Function | None],
    true: Sequence[Function | None],
    numbers: Sequence[arb],
) -> None:
    """Compare the partials of one operation at the values of its operands and its result."""
    if len(own) != len(true):
        message = (
            f"operation {operation.name}: its row has {len(own)} partials for {len(true)} "
            "operands; return one formula for each operand that is no parameter"
        )
        raise RowError(message)
    for index, partials in enumerate(zip(own, true, strict=True)):
        ours, derived = (arb(1) if f is None else f(numbers) for f in partials)
        if ours.is_finite() and derived.is_finite() and not ours.overlaps(derived):
            *operands, _ = map(_nearest, numbers)
            message = (
                f"operation {operation.name}: its row contradicts itself at "
                f"{', '.join(operands)}: partial {index + 1} is "
                f"{_nearest(ours)}, and the derivative of the definition {_nearest(derived)}; "
                "correct `partials`, or leave them out"
            )
            raise RowError(message)


def _nearest(number: arb) -> str:
    return repr(float(number.mid()))
