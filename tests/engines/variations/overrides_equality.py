"""``==`` compares values, so that there is no hash, and ``in`` finds another node."""

import math


class Value:  # noqa: PLW1641 - an engine that has no hash is what it is
    def __init__(self, data, operands=()):
        self.data = data
        self.grad = 0.0
        self.operands = operands

    def __add__(self, other):
        other = lifted(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        other = lifted(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other):
        return self.data == lifted(other).data

    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, [(self, 1.0 - t * t)])

    def backward(self):
        self.grad = 1.0
        for node in reversed(ordered(self)):
            for operand, partial in node.operands:
                operand.grad += partial * node.grad


def lifted(other):
    return other if isinstance(other, Value) else Value(other)


def ordered(output):
    order = []

    def visit(node):
        if not any(node is other for other in order):
            for operand, _ in node.operands:
                visit(operand)
            order.append(node)

    visit(output)
    return order
