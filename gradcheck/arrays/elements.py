"""The scalar nodes that the elements of arrays are: an array of them is an array of positions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradcheck.errors import UserError
from gradcheck.expression import Apply, Constant, Expression, Input, Node
from gradcheck.operations import OPERATIONS, Operation

MOST_NODES = 1_000_000
"""The most nodes of a program: what can be judged in minutes."""

MATRIX_DIMENSIONS = 2
"""The dimensions of a matrix; an array of more is a stack of them."""

Positions: TypeAlias = "NDArray[np.intp]"
"""An array of nodes: the position of each element in the expression."""


class TooManyStepsError(UserError):
    """An array program has more steps on single numbers than can be judged."""


class Elements:
    """The scalar nodes that an array program has made so far.

    >>> elements = Elements()
    >>> x, y = elements.inputs("x", (2,)), elements.inputs("y", ())
    >>> elements.elementwise(OPERATIONS["*"], x, y).shape
    (2,)
    >>> elements.expression(elements.sum(x.tolist())).pruned()
    parse("sum(x[0], x[1])", inputs=["x[0]", "x[1]", "y"])
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []

    def inputs(self, name: str, shape: tuple[int, ...]) -> Positions:
        """Return an array of new inputs, one for each element."""
        return self._new(shape, [Input(element_name(name, i)) for i in np.ndindex(shape)])

    def constants(self, values: NDArray[np.float64]) -> Positions:
        """Return an array of constants."""
        return self._new(values.shape, [Constant(float(value)) for value in values.ravel()])

    def apply(self, operation: Operation, *operands: int) -> int:
        """Return the node of an operation on single nodes."""
        self.nodes.append(Apply(operation.of(len(operands)), operands))
        return len(self.nodes) - 1

    def elementwise(self, operation: Operation, *operands: Positions) -> Positions:
        """Return an operation on arrays, which are broadcast against each other as in NumPy."""
        together = np.broadcast_arrays(*operands)
        self._require_room_for(together[0].size)
        return self.each(lambda *nodes: self.apply(operation, *nodes), *together)

    def each(self, function: Callable[..., int], *operands: Positions) -> Positions:
        """Return the results of a function for the elements of arrays of one shape."""
        first, *_ = operands
        flat = [array.ravel().tolist() for array in operands]
        results = [function(*nodes) for nodes in zip(*flat, strict=True)]
        return np.array(results, dtype=np.intp).reshape(first.shape)

    def reduce(self, operation: Operation, nodes: Sequence[int]) -> int:
        """Return an operation on any number of nodes; on a single one it is that node."""
        return nodes[0] if len(nodes) == 1 else self.apply(operation, *nodes)

    def sum(self, nodes: Sequence[int]) -> int:
        """Return the sum of some nodes, in any order; that of none is the constant 0."""
        return self.reduce(OPERATIONS["sum"], nodes or [self.number(0.0)])

    def unused(self, *, besides: Positions) -> list[int]:
        """Return the operations that no other one uses, but for those in an array."""
        used = set(besides.ravel().tolist())
        for node in self.nodes:
            if isinstance(node, Apply):
                used.update(node.operands)
        return [i for i, n in enumerate(self.nodes) if isinstance(n, Apply) and i not in used]

    def number(self, value: float) -> int:
        """Return the node of a constant."""
        self.nodes.append(Constant(value))
        return len(self.nodes) - 1

    def expression(self, output: int) -> Expression:
        """Return the expression with one of the nodes as its output, inputs first."""
        return Expression(tuple(self.nodes), output)

    def _require_room_for(self, count: int) -> None:
        if len(self.nodes) + count > MOST_NODES:
            message = (
                f"the program takes more than {MOST_NODES:,} steps on single numbers; "
                "take smaller arrays"
            )
            raise TooManyStepsError(message)

    def _new(self, shape: tuple[int, ...], nodes: Sequence[Node]) -> Positions:
        self._require_room_for(len(nodes))
        first = len(self.nodes)
        self.nodes += nodes
        return np.arange(first, first + len(nodes), dtype=np.intp).reshape(shape)


def element_name(name: str, index: tuple[int, ...]) -> str:
    """Return the name of an element of an input, as Python writes it.

    >>> element_name("W", (0, 2)), element_name("b", ())
    ('W[0, 2]', 'b')
    """
    return f"{name}[{', '.join(map(str, index))}]" if index else name
