"""Names that nobody else uses."""

import math


class Node:
    def __init__(self, data, children=()):
        self.amount = data
        self.sensitivity = 0.0
        self.children = children
        self.send_back = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Node) else Node(other)
        out = Node(self.amount + other.amount, (self, other))

        def send_back():
            self.sensitivity += out.sensitivity
            other.sensitivity += out.sensitivity

        out.send_back = send_back
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Node) else Node(other)
        out = Node(self.amount * other.amount, (self, other))

        def send_back():
            self.sensitivity += other.amount * out.sensitivity
            other.sensitivity += self.amount * out.sensitivity

        out.send_back = send_back
        return out

    __radd__ = __add__
    __rmul__ = __mul__

    def tanh(self):
        t = math.tanh(self.amount)
        out = Node(t, (self,))

        def send_back():
            self.sensitivity += (1 - t * t) * out.sensitivity

        out.send_back = send_back
        return out

    def run_backwards(self):
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for child in node.children:
                    visit(child)
                order.append(node)

        visit(self)
        self.sensitivity = 1.0
        for node in reversed(order):
            node.send_back()
