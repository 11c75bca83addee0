"""Value and gradient are properties that cannot be set."""

import math


class Value:
    __slots__ = ("_data", "_grad", "_operands")

    def __init__(self, data, operands=()):
        self._data = data
        self._grad = 0.0
        self._operands = operands

    @property
    def data(self):
        return self._data

    @property
    def grad(self):
        return self._grad

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
        self._grad = 1.0
        for node in reversed(ordered(self)):
            for operand, partial in node._operands:
                operand._grad += partial * node.grad


def lifted(other):
    return other if isinstance(other, Value) else Value(other)


def ordered(output):
    order = []

    def visit(node):
        if node not in order:
            for operand, _ in node._operands:
                visit(operand)
            order.append(node)

    visit(output)
    return order
