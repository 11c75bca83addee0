"""Engines that compute with a private copy of their number: writing `data` changes nothing."""

import plain


class Value(plain.Value):
    """Correct. Here `data` is for looking, and `number` for computing."""

    def __init__(self, data, children=(), partials=()):
        super().__init__(data, children, partials)
        self.number = data

    def __add__(self, other):
        other = self.lift(other)
        return type(self)(self.number + other.number, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = self.lift(other)
        return type(self)(self.number * other.number, (self, other), (other.number, self.number))


class KeepsGradients(plain.Value):
    """A gradient that is set to zero is still there; `data` can be written."""

    def send(self, child, partial):
        child.kept = getattr(child, "kept", 0.0) + partial * self.grad
        child.grad = child.kept
