"""A gradient is a Value itself."""

import math


class Value:
    def __init__(self, data, operands=()):
        self.data = data
        self.grad = None
        self.operands = operands

    def __add__(self, other):
        other = lifted(other)
        return Value(self.data + other.data, [(self, Value(1.0)), (other, Value(1.0))])

    def __mul__(self, other):
        other = lifted(other)
        return Value(self.data * other.data, [(self, other), (other, self)])

    __radd__ = __add__
    __rmul__ = __mul__

    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, [(self, Value(1.0 - t * t))])

    def backward(self):
        self.grad = Value(1.0)
        for node in reversed(ordered(self)):
            for operand, partial in node.operands:
                sent = partial * node.grad
                operand.grad = sent if operand.grad is None else operand.grad + sent


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
