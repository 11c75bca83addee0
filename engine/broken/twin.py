"""The healthy twin of ``Value``, made of parts that can be broken, and the list of bugs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


class Twin:
    """An engine for ``+``, ``*`` and ``tanh`` in the way that most people write theirs.

    A broken engine overrides one part: a value, a local partial, how contributions are sent, or the
    order of the backward pass.

    >>> a = Twin(3.0)
    >>> (2.0 * a + 1.0).backward()
    >>> a.grad
    2.0
    """

    seed = 1.0
    """The gradient of the output with respect to itself."""

    def __init__(self, data: float, operands: tuple[Twin, ...] = (), operation: str = "") -> None:
        self.data = float(data)
        self.grad = 0.0
        self.operands = operands
        self.operation = operation

    def __add__(self, other: Twin | float) -> Twin:
        other = self.node(other)
        return type(self)(self.sum_of(self.data, other.data), (self, other), "+")

    def __mul__(self, other: Twin | float) -> Twin:
        other = self.node(other)
        return type(self)(self.product_of(self.data, other.data), (self, other), "*")

    def tanh(self) -> Twin:
        return type(self)(self.tanh_of(self.data), (self,), "tanh")

    def __radd__(self, other: float) -> Twin:
        return self.node(other) + self

    def __rmul__(self, other: float) -> Twin:
        return self.node(other) * self

    def node(self, number: Twin | float) -> Twin:
        """Return a number as a node, and a node as it is."""
        return number if isinstance(number, Twin) else type(self)(number)

    def sum_of(self, a: float, b: float) -> float:
        """The value of ``a + b``."""
        return a + b

    def product_of(self, a: float, b: float) -> float:
        """The value of ``a * b``."""
        return a * b

    def tanh_of(self, x: float) -> float:
        """The value of ``tanh(x)``."""
        return math.tanh(x)

    def sum_partials(self, a: float, b: float) -> tuple[float, float]:
        """The derivatives of ``a + b``."""
        return 1.0, 1.0

    def product_partials(self, a: float, b: float) -> tuple[float, float]:
        """The derivatives of ``a * b``."""
        return b, a

    def tanh_partial(self, x: float, t: float) -> float:
        """The derivative of ``t = tanh(x)``."""
        return 1.0 - t * t

    def partials(self) -> tuple[float, ...]:
        """The derivative of the node with respect to each of its operands."""
        numbers = [operand.data for operand in self.operands]
        match self.operation:
            case "+":
                return self.sum_partials(*numbers)
            case "*":
                return self.product_partials(*numbers)
            case "tanh":
                return (self.tanh_partial(numbers[0], self.data),)
            case _:
                return ()

    def send(self, index: int, partial: float) -> None:
        """Add this node's contribution to the gradient of one of its operands."""
        self.operands[index].grad += partial * self.grad

    def order(self) -> Iterable[Twin]:
        """Return the node and all that it was made from, each after all nodes that use it."""
        order: list[Twin] = []
        seen: set[Twin] = set()

        def visit(node: Twin) -> None:
            if node not in seen:
                seen.add(node)
                for operand in node.operands:
                    visit(operand)
                order.append(node)

        visit(self)
        return reversed(order)

    def backward(self) -> None:
        """Set the ``grad`` of every node that this one was made from: d self / d that node."""
        self.grad = self.seed
        for node in self.order():
            for index, partial in enumerate(node.partials()):
                node.send(index, partial)


@dataclass(frozen=True, slots=True)
class Bug:
    """A broken engine, and what a good checker should say about it.

    ``wrong`` describes the bug in one line. ``cause`` is the cause to blame, and ``operation`` the
    operation at fault, ``None`` for a bug in code that all operations share. ``operands`` are the
    positions of the operands whose local partials are wrong. ``smallest`` is the smallest known
    formula that shows the bug, at the point ``at``.
    """

    name: str
    family: str
    engine: type[Twin]
    wrong: str
    cause: str
    operation: str | None
    operands: tuple[int, ...]
    smallest: str
    at: Mapping[str, float]


BUGS: dict[str, Bug] = {}
"""Every planted bug by the name of its engine, in the order of the families."""


def planted(
    cause: str,
    smallest: str,
    *,
    of: str | None = None,
    operands: tuple[int, ...] = (),
    **at: float,
) -> Callable[[type[Twin]], type[Twin]]:
    """Add a broken engine to ``BUGS``; its docstring says what is wrong."""

    def add(engine: type[Twin]) -> type[Twin]:
        name = engine.__name__
        assert engine.__doc__ is not None
        BUGS[name] = Bug(
            name=name,
            family=engine.__module__.rpartition(".")[2],
            engine=engine,
            wrong=engine.__doc__,
            cause=cause,
            operation=of,
            operands=operands,
            smallest=smallest,
            at=at,
        )
        return engine

    return add
