"""A quotient with an epsilon against division by zero: a power of it may be a complex number."""

import plain


class Value(plain.Value):
    epsilon = 1e-8

    def __truediv__(self, other):
        d = other.data + self.epsilon
        return type(self)(self.data / d, (self, other), (1.0 / d, -self.data / d**2))

    def __pow__(self, n):
        return type(self)(self.data**n, (self,), (n * self.data ** (n - 1.0),))


class Exact(Value):
    epsilon = 0.0
