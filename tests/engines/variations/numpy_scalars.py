"""Everything is an ``np.float64``."""

import numpy as np


class Value:
    def __init__(self, data, children=()):
        self.data = np.float64(data)
        self.grad = np.float64(0.0)
        self.children = children
        self.send_back = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))

        def send_back():
            self.grad += out.grad
            other.grad += out.grad

        out.send_back = send_back
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))

        def send_back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.send_back = send_back
        return out

    __radd__ = __add__
    __rmul__ = __mul__

    def tanh(self):
        t = np.tanh(self.data)
        out = Value(t, (self,))

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
        self.grad = np.float64(1.0)
        for node in reversed(order):
            node.send_back()
