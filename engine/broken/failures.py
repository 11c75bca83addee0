"""Engines that crash, hang or return no number, and bugs that only large graphs show."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from .twin import Twin, planted


@planted("crash", "tanh(tanh(tanh(tanh(tanh(a)))))", a=0.0)
class fails_when_deep(Twin):
    """The backward pass recurses, and there is room for five levels only."""

    def order(self) -> Iterable[Twin]:
        level: list[Twin] = [self]
        for _ in range(5):
            level = [operand for node in level for operand in node.operands]
        if level:
            message = "maximum recursion depth exceeded"
            raise RecursionError(message)
        return super().order()


@planted("crash", "a*b", of="*", a=0.0, b=0.0)
class fails_on_zero(Twin):
    """The partials of * divide by its operands."""

    def product_partials(self, a: float, b: float) -> tuple[float, float]:
        return b * (a / a), a * (b / b)


@planted("crash", "a + b", a=0.0, b=0.0)
class changes_a_dict_in_its_loop(Twin):
    """The gradients to come are a dict, and the loop over it adds to it."""

    def backward(self) -> None:
        waiting = dict.fromkeys(self.operands, 0.0)
        for node in waiting:
            waiting.update(dict.fromkeys((Twin(1.0), *node.operands), 0.0))
        super().backward()


@planted("non-finite-partial", "a*a", of="*", operands=(0,), a=0.0)
class nan_on_equal_factors(Twin):
    """The partial of * by its first operand is NaN where both are equal."""

    def product_partials(self, a: float, b: float) -> tuple[float, float]:
        return b if a != b else math.nan, a


@planted("missing-gradient", "tanh(a)", of="tanh", a=0.0)
class forgets_gradient(Twin):
    """Gradients begin as None, and tanh never sends one."""

    def __init__(self, data: float, operands: tuple[Twin, ...] = (), operation: str = "") -> None:
        super().__init__(data, operands, operation)
        self.__dict__["grad"] = None

    def send(self, index: int, partial: float) -> None:
        operand = self.operands[index]
        if self.operation != "tanh":
            operand.grad = (operand.grad or 0.0) + partial * (self.grad or 0.0)


@planted("hang", "a*a", of="*", a=0.0)
class hangs_on_square(Twin):
    """The walk over a*a never ends."""

    def order(self) -> Iterable[Twin]:
        order = list(super().order())
        for node in order:
            while node.operation == "*" and node.operands[0] is node.operands[1]:
                pass
        return order


@planted("lost-contribution", "a + a + a + a", a=0.0)
class drops_the_fourth_use(Twin):
    """There is room for three contributions to a node; those after are lost."""

    def backward(self) -> None:
        self.grad = self.seed
        uses: Counter[Twin] = Counter()
        for node in self.order():
            for index, partial in enumerate(node.partials()):
                uses[node.operands[index]] += 1
                if uses[node.operands[index]] <= 3:
                    node.send(index, partial)


@planted("wrong-at-depth", "tanh(tanh(tanh(tanh(tanh(a)))))", a=0.0)
class halves_when_deep(Twin):
    """From the fifth operation below the output on, contributions are halved."""

    def backward(self) -> None:
        self.grad = self.seed
        depth: dict[Twin, int] = {self: 1}
        for node in self.order():
            for index, partial in enumerate(node.partials()):
                operand = node.operands[index]
                depth[operand] = max(depth.get(operand, 0), depth[node] + 1)
                node.send(index, partial if depth[node] < 5 else 0.5 * partial)
