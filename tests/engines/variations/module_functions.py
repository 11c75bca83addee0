"""What is no operator is a function of the module, beside names that come from elsewhere."""

import math
from math import cos, sin  # noqa: F401 - of plain numbers, and no operations of the engine


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

    def backward(self):
        self.grad = 1.0
        for node in reversed(ordered(self)):
            for operand, partial in node.operands:
                operand.grad += partial * node.grad


def tanh(x):
    t = math.tanh(x.data)
    return Value(t, [(x, 1.0 - t * t)])


def exp(x):
    e = math.exp(x.data)
    return Value(e, [(x, e)])


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
