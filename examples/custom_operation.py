"""Register an operation of your own, and check an engine that has it.

python -m gradcheck fuzz --engine examples/custom_operation.py:Value --ops "+ * swish"
"""

import math

import sympy

from gradcheck import Operation, register_operation


def logistic(x):
    decay = math.exp(-abs(x))
    return (1.0 if x >= 0.0 else decay) / (1.0 + decay)


register_operation(Operation("swish", definition=lambda x: x / (1 + sympy.exp(-x))))


class Value:
    def __init__(self, data, operands=(), partials=()):
        self.data = data
        self.grad = 0.0
        self.operands = operands
        self.partials = partials

    def __add__(self, other):
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def swish(self):
        s = logistic(self.data)
        return Value(self.data * s, (self,), (s + self.data * s * logistic(-self.data),))

    def backward(self):
        order = []

        def visit(node):
            if node not in order:
                for operand in node.operands:
                    visit(operand)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for operand, partial in zip(node.operands, node.partials, strict=True):
                operand.grad += partial * node.grad
