"""``backward`` sends a gradient back over one step, and ``backward_all`` over all of them."""

import math


class Value:
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

    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, [(self, 1.0 - t * t)])

    def backward(self):
        for operand, partial in self.operands:
            operand.grad += partial * self.grad

    def backward_all(self):
        self.grad = 1.0
        for node in reversed(ordered(self)):
            node.backward()


def lifted(other):
    return other if isinstance(other, Value) else Value(other)


def ordered(output):
    order = []

    def visit(node):
        if node not in order:
            for operand, _ in node.operands:
                visit(operand)
            order.append(node)

    visit(output)
    return order
