"""The logarithm is ``.ln()`` and a power ``.pow(k)``; sums and products are methods as well."""

import math


class Value:
    def __init__(self, data, operands=()):
        self.data = data
        self.grad = 0.0
        self.operands = operands

    def add(self, other):
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def mul(self, other):
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])

    def pow(self, k):
        partial = 0.0 if k == 0 else k * self.data ** (k - 1)
        return Value(self.data**k, [(self, partial)])

    def ln(self):
        return Value(math.log(self.data), [(self, 1.0 / self.data)])

    def backward(self):
        self.grad = 1.0
        for node in reversed(ordered(self)):
            for operand, partial in node.operands:
                operand.grad += partial * node.grad


def ordered(output):
    order = []

    def visit(node):
        if node not in order:
            for operand, _ in node.operands:
                visit(operand)
            order.append(node)

    visit(output)
    return order
