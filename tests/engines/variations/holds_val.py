"""The value is ``val``, the gradient ``gradient``, and the class is a ScalarValue."""

import math


class ScalarValue:
    def __init__(self, data, children=()):
        self.val = data
        self.gradient = 0.0
        self.children = children
        self.send_back = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, ScalarValue) else ScalarValue(other)
        out = ScalarValue(self.val + other.val, (self, other))

        def send_back():
            self.gradient += out.gradient
            other.gradient += out.gradient

        out.send_back = send_back
        return out

    def __mul__(self, other):
        other = other if isinstance(other, ScalarValue) else ScalarValue(other)
        out = ScalarValue(self.val * other.val, (self, other))

        def send_back():
            self.gradient += other.val * out.gradient
            other.gradient += self.val * out.gradient

        out.send_back = send_back
        return out

    __radd__ = __add__
    __rmul__ = __mul__

    def tanh(self):
        t = math.tanh(self.val)
        out = ScalarValue(t, (self,))

        def send_back():
            self.gradient += (1 - t * t) * out.gradient

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
        self.gradient = 1.0
        for node in reversed(order):
            node.send_back()
