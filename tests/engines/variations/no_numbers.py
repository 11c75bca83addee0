"""There are no plain numbers beside the engine's own."""

import math


class Value:
    def __init__(self, data, operands=()):
        self.data = data
        self.grad = 0.0
        self.operands = operands

    def __add__(self, other):
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])

    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, [(self, 1.0 - t * t)])

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
