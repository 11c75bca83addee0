"""It imports a sibling from its own package."""

import math

from . import partials
from .partials import of_product


class Value:
    def __init__(self, data, operands=()):
        self.data = data
        self.grad = 0.0
        self.operands = operands

    def __add__(self, other):
        other = lifted(other)
        mine, others = partials.of_sum()
        return Value(self.data + other.data, [(self, mine), (other, others)])

    def __mul__(self, other):
        other = lifted(other)
        mine, others = of_product(self.data, other.data)
        return Value(self.data * other.data, [(self, mine), (other, others)])

    __radd__ = __add__
    __rmul__ = __mul__

    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, [(self, partials.of_tanh(t))])

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
        if node not in order:
            for operand, _ in node.operands:
                visit(operand)
            order.append(node)

    visit(output)
    return order
