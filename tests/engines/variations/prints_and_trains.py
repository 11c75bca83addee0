"""It prints and trains when it is imported, and prints whenever it is used."""

# ruff: noqa: T201 - it is there to print

import math
import os


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
        print("sending gradients back")
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


print("drawing with", os.environ["MPLBACKEND"])
weight = Value(0.5)
for step in range(3):
    loss = (weight * 2.0 + -3.0) * (weight * 2.0 + -3.0)
    loss.backward()
    weight = Value(weight.data - 0.1 * weight.grad)
    print("step", step, "loss", loss.data)
