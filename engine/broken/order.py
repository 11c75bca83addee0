"""Backward passes in the wrong order, or from the wrong start."""

from __future__ import annotations

from collections.abc import Iterable

from .twin import Twin, planted


@planted("wrong-order", "n = a + a; n + (n + n)", a=0.0)
class depth_first(Twin):
    """Depth first from the output, without a topological order."""

    def order(self) -> Iterable[Twin]:
        order: dict[Twin, None] = {}

        def visit(node: Twin) -> None:
            if node not in order:
                order[node] = None
                for operand in node.operands:
                    visit(operand)

        visit(self)
        return order


@planted("wrong-order", "n = a + a; n + (n + n)", a=0.0)
class breadth_first(Twin):
    """Breadth first from the output, without a topological order."""

    def order(self) -> Iterable[Twin]:
        order: list[Twin] = [self]
        for node in order:
            order.extend(dict.fromkeys(o for o in node.operands if o not in order))
        return order


@planted("wrong-order", "n = a + a; n + n + n", a=0.0)
class last_operand_first(Twin):
    """Depth first with a stack, which reverses the operands, without a topological order."""

    def order(self) -> Iterable[Twin]:
        order: dict[Twin, None] = {}
        stack: list[Twin] = [self]
        while stack:
            node = stack.pop()
            if node not in order:
                order[node] = None
                stack.extend(node.operands)
        return order


@planted("wrong-order", "n = a + a; n + n", a=0.0)
class visits_every_path(Twin):
    """No marks: a node is visited, and sends, once for every path that leads to it."""

    def order(self) -> Iterable[Twin]:
        stack: list[Twin] = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(node.operands)


@planted("wrong-order", "a + a + a", a=0.0)
class operands_first(Twin):
    """The topological order is not reversed: operands send before anything was sent to them."""

    def order(self) -> Iterable[Twin]:
        return reversed(list(super().order()))


@planted("earlier-graph", "tanh(a)", a=0.0)
class keeps_visited_marks(Twin):
    """The list of visited nodes is a mutable default: those of earlier graphs send again."""

    def order(self, visited: dict[Twin, None] = {}) -> Iterable[Twin]:  # noqa: B006 - the bug
        for node in reversed(list(super().order())):
            visited[node] = None
        return reversed(visited)


@planted("wrong-seed", "a", a=0.0)
class seed_of_two(Twin):
    """The output's own gradient is set to 2."""

    seed = 2.0


@planted("wrong-seed", "a + b", a=0.0, b=0.0)
class seeds_every_node(Twin):
    """The output's gradient of 1 is added, not set, and to every node on the way."""

    def backward(self) -> None:
        for node in self.order():
            node.grad += self.seed
            for index, partial in enumerate(node.partials()):
                node.send(index, partial)


@planted("wrong-seed", "a + b", a=0.0, b=0.0)
class runs_the_last_step_twice(Twin):
    """The output sends before the walk over all nodes begins, and again as a part of it."""

    def backward(self) -> None:
        self.grad = self.seed
        for index, partial in enumerate(self.partials()):
            self.send(index, partial)
        super().backward()
