"""tanh by exponentials: lost digits near 0 are one bug, an overflow far out is another."""

import math

import plain


def exp(x):
    return math.exp(x) if x < 709.0 else math.inf


class Value(plain.Value):
    def tanh(self):
        e = exp(2.0 * self.data)
        t = (e - 1.0) / (e + 1.0)
        return type(self)(t, (self,), (1.0 - math.tanh(self.data) ** 2,))


class WrongEverywhere(plain.Value):
    """One bug: the value is twice the right one, and infinite far out."""

    def tanh(self):
        t = math.tanh(self.data)
        return type(self)(2.0 * t if abs(t) < 1.0 else math.inf, (self,), (1.0 - t * t,))


class Partials(plain.Value):
    """The partial of tanh is NaN far out."""

    def tanh(self):
        e = exp(2.0 * self.data)
        return type(self)(math.tanh(self.data), (self,), (4.0 * e / ((e + 1.0) * (e + 1.0)),))
