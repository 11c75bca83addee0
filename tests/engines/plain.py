"""A correct engine in the way most people write theirs; the others here each break one thing."""

import math


class Value:
    seed = 1.0

    def __init__(self, data, children=(), partials=()):
        self.data = data
        self.grad = 0.0
        self.children = children
        self.partials = partials

    def __add__(self, other):
        other = self.lift(other)
        return type(self)(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = self.lift(other)
        return type(self)(self.data * other.data, (self, other), (other.data, self.data))

    def tanh(self):
        t = math.tanh(self.data)
        return type(self)(t, (self,), (1.0 - t * t,))

    __radd__ = __add__
    __rmul__ = __mul__

    def lift(self, other):
        return other if isinstance(other, Value) else type(self)(other)

    def order(self):
        """The nodes under this one, each after all that use it."""
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for child in node.children:
                    visit(child)
                order.append(node)

        visit(self)
        return reversed(order)

    def send(self, child, partial):
        child.grad += partial * self.grad

    def backward(self):
        self.grad = self.seed
        for node in self.order():
            for child, partial in zip(node.children, node.partials, strict=True):
                node.send(child, partial)
