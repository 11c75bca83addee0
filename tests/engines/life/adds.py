"""A correct engine whose gradients add up; the others here each break one thing of its life."""

import math


class Value:
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

    def __rmul__(self, other):
        return self.lift(other) * self

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
        return order[::-1]

    def clear_inner(self, order):
        for node in order:
            if node.children:
                node.grad = 0.0

    def zero_grad(self):
        for node in self.order():
            node.grad = 0.0

    def backward(self):
        order = self.order()
        self.clear_inner(order)
        self.grad = 1.0
        for node in order:
            for child, partial in zip(node.children, node.partials, strict=True):
                child.grad += partial * node.grad
