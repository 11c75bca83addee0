"""Contributions in a random order, which is harmless, and one in fifty that is lost."""

import random

import plain

draw = random.Random(0)


class LastBit(plain.Value):
    """Adds the contributions to a node in a random order: only the last bit changes."""

    def backward(self):
        self.grad = self.seed
        sums = {}
        for node in self.order():
            parts = sums.pop(id(node), [])
            draw.shuffle(parts)
            node.grad += sum(parts)
            for child, partial in zip(node.children, node.partials, strict=True):
                sums.setdefault(id(child), []).append(partial * node.grad)


class Rarely(plain.Value):
    """Loses one contribution in fifty."""

    def send(self, child, partial):
        if draw.random() >= 0.02:
            super().send(child, partial)


class RandomForward(plain.Value):
    """Adds noise to one product in twenty."""

    def __mul__(self, other):
        product = super().__mul__(other)
        product.data += draw.random() < 0.05
        return product
