"""Engines that are right everywhere but at kinks, or where a result leaves the range."""

import math

import everything


class Value(everything.Value):
    """A correct engine, whose exp overflows as IEEE 754 has it."""

    def exp(self):
        try:
            result = math.exp(self.data)
        except OverflowError:
            result = math.inf
        return self._made(result, (self,), (result,))


class Both(Value):
    """At a tie of max, both operands get the whole upstream gradient."""

    def max(self, other):
        other = self._number(other)
        partials = float(self.data >= other.data), float(other.data >= self.data)
        return self._made(max(self.data, other.data), (self, other), partials)


class Neither(Value):
    """At a tie of max, no operand gets anything."""

    def max(self, other):
        other = self._number(other)
        partials = float(self.data > other.data), float(other.data > self.data)
        return self._made(max(self.data, other.data), (self, other), partials)


class Halves(Value):
    """At a tie of max, each operand gets a half, which is right."""

    def max(self, other):
        other = self._number(other)
        first = 0.5 if self.data == other.data else float(self.data > other.data)
        return self._made(max(self.data, other.data), (self, other), (first, 1.0 - first))


class Modest(Value):
    """A product beyond the largest float is 42."""

    def __mul__(self, other):
        out = super().__mul__(other)
        if math.isinf(out.data):
            out.data = 42.0
        return out


class Vanishing(Value):
    """exp overflows to 0."""

    def exp(self):
        out = super().exp()
        if math.isinf(out.data):
            out.data = 0.0
        return out


class NotANumber(Value):
    """A root of 0 has an infinite partial, so the chain rule meets 0 times an infinity."""

    def __pow__(self, exponent):
        if self.data or not 0.0 < exponent < 1.0:
            return super().__pow__(exponent)
        return self._made(0.0, (self,), (math.inf,))


class Stray(Value):
    """The second partial of a division is 1e-25, which underflow could explain."""

    def __truediv__(self, other):
        out = super().__truediv__(other)
        out._partials = out._partials[0], 1e-25
        return out


class Recursive(Value):
    """The backward pass recurses over the graph."""

    def backward(self):
        self.visit(set())
        super().backward()

    def visit(self, seen):
        if id(self) not in seen:
            seen.add(id(self))
            for operand in self._operands:
                operand.visit(seen)
