"""Nodes keep their operands in a set: the order of the backward pass changes from run to run."""

import plain


class Value(plain.Value):
    """Correct, as the order of the operands decides the last bit only."""

    def __init__(self, data, children=(), partials=()):
        super().__init__(data, children, partials)
        self._prev = set(children)

    def order(self):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for child in node._prev:
                    visit(child)
                order.append(node)

        visit(self)
        return reversed(order)


class Assigns(Value):
    """`+` assigns the gradient of its left operand: that shows in some orders only."""

    def __add__(self, other):
        made = super().__add__(other)
        made.is_sum = True
        return made

    is_sum = False

    def backward(self):
        self.grad = self.seed
        for node in self.order():
            for index, (child, partial) in enumerate(
                zip(node.children, node.partials, strict=True)
            ):
                if node.is_sum and index == 0:
                    child.grad = 0.0
                node.send(child, partial)


class Mixes(Value):
    """The partials of a product go to the operands in the order of the set."""

    def backward(self):
        self.grad = self.seed
        for node in self.order():
            operands = node._prev if len(node._prev) == 2 else node.children
            for child, partial in zip(operands, node.partials, strict=True):
                node.send(child, partial)
