"""The value is ``value``, and the class is a Scalar."""

import math


class Scalar:
    def __init__(self, data, children=()):
        self.value = data
        self.grad = 0.0
        self.children = children
        self.send_back = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Scalar) else Scalar(other)
        out = Scalar(self.value + other.value, (self, other))

        def send_back():
            self.grad += out.grad
            other.grad += out.grad

        out.send_back = send_back
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Scalar) else Scalar(other)
        out = Scalar(self.value * other.value, (self, other))

        def send_back():
            self.grad += other.value * out.grad
            other.grad += self.value * out.grad

        out.send_back = send_back
        return out

    __radd__ = __add__
    __rmul__ = __mul__

    def tanh(self):
        t = math.tanh(self.value)
        out = Scalar(t, (self,))

        def send_back():
            self.grad += (1 - t * t) * out.grad

        out.send_back = send_back
        return out

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for child in node.children:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            node.send_back()
