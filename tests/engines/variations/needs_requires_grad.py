"""Only what was made with ``requires_grad=True`` gets a gradient; the class is a Tensor."""

import math


class Tensor:
    def __init__(self, data, requires_grad=False, operands=()):  # noqa: FBT002 - as others have it
        self.data = data
        self.requires_grad = requires_grad
        self.grad = None
        self.operands = operands

    def __add__(self, other):
        other = lifted(other)
        return result(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        other = lifted(other)
        return result(self.data * other.data, [(self, other.data), (other, self.data)])

    __radd__ = __add__
    __rmul__ = __mul__

    def tanh(self):
        t = math.tanh(self.data)
        return result(t, [(self, 1.0 - t * t)])

    def backward(self):
        if not self.requires_grad:
            raise RuntimeError("this Tensor does not require a gradient")
        self.grad = 1.0
        for node in reversed(ordered(self)):
            for operand, partial in node.operands:
                if operand.requires_grad:
                    operand.grad = (operand.grad or 0.0) + partial * node.grad


def result(data, operands):
    requires_grad = any(operand.requires_grad for operand, _ in operands)
    return Tensor(data, requires_grad, operands if requires_grad else ())


def lifted(other):
    return other if isinstance(other, Tensor) else Tensor(other)


def ordered(output):
    order = []

    def visit(node):
        if node not in order:
            for operand, _ in node.operands:
                visit(operand)
            order.append(node)

    visit(output)
    return order
