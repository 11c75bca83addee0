"""The table of array operations: each row is the meaning of one, on arrays of scalar nodes.

The meaning is NumPy's own function on an array of positions wherever elements only move. Where they
are computed with, it is an operation of the scalar table on every element, or on many.
"""

from __future__ import annotations

from collections.abc import Iterable

from gradcheck.arrays.elements import Elements, Positions
from gradcheck.arrays.operations.moving import MOVING
from gradcheck.arrays.operations.neural import EPSILONS, NEURAL
from gradcheck.arrays.operations.operation import (
    ArrayOperation,
    Axis,
    Index,
    IndexPart,
    Mask,
    Option,
    Options,
    Shape,
    Slice,
    Widths,
    index_of,
)
from gradcheck.arrays.operations.products import POOLS, PRODUCTS
from gradcheck.arrays.operations.reductions import CUMULATIONS, REDUCTIONS
from gradcheck.operations import OPERATIONS, Operation

__all__ = [
    "ARRAY_OPERATIONS",
    "EPSILONS",
    "ONLY_OVER_AXES",
    "OPTION_BY_POSITION",
    "OTHER_NAMES",
    "REDUCTION_NAMES",
    "ArrayOperation",
    "Axis",
    "Index",
    "IndexPart",
    "Mask",
    "Option",
    "Options",
    "Shape",
    "Slice",
    "Widths",
    "array_operation",
    "elementwise_operations",
    "index_of",
]


def _elementwise(name: str, operation: Operation) -> ArrayOperation:
    def meaning(elements: Elements, *operands: Positions) -> Positions:
        return elements.elementwise(operation, *operands)

    return ArrayOperation(name, meaning, operation.arity, elementwise=operation)


OTHER_NAMES = {"max": "maximum", "min": "minimum"}
"""NumPy's names of operations on two numbers that the scalar table calls like a reduction."""

ONLY_OVER_AXES = ("sum", "prod", "logsumexp")
"""Rows of the scalar table that arrays have as reductions only."""


def elementwise_operations(operations: Iterable[Operation]) -> dict[str, ArrayOperation]:
    """Return the rows of the scalar table as operations on every element, by name."""
    rows = (OTHER_NAMES.get(o.name, o.name) for o in operations if o.name not in ONLY_OVER_AXES)
    named = {other: name for name, other in OTHER_NAMES.items()}
    return {name: _elementwise(name, OPERATIONS[named.get(name, name)]) for name in rows}


REDUCTION_NAMES = tuple(row.name for row in REDUCTIONS)

ARRAY_OPERATIONS: dict[str, ArrayOperation] = {
    **elementwise_operations(OPERATIONS.values()),
    **{
        row.name: row
        for rows in (REDUCTIONS, CUMULATIONS, NEURAL, PRODUCTS, MOVING, POOLS)
        for row in rows
    },
}
"""Every array operation by name."""


OPTION_BY_POSITION = {
    name: row.options[0]
    for name, row in ARRAY_OPERATIONS.items()
    if row.options and row.arity == 1 and name != "index"
}
"""The option that may be given without its name, after the operand."""


def array_operation(name: str) -> ArrayOperation:
    """Return the array operation of a name. Raises ``KeyError`` for one that there is not."""
    return ARRAY_OPERATIONS[name]
