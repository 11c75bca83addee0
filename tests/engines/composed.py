"""Operations made of others: `/` is a power and a product, `-` is a sum and a product."""

import plain


class Value(plain.Value):
    def __pow__(self, n):
        return type(self)(self.data**n, (self,), (self.slope_of_power(n),))

    def slope_of_power(self, n):
        return n * self.data ** (n - 1.0)

    def __truediv__(self, other):
        return self * self.lift(other) ** -1.0

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -self.lift(other)


class WrongPower(Value):
    """Only `**` has a bug, and `/` uses it."""

    def slope_of_power(self, n):
        return n * self.data**n


class WrongQuotient(Value):
    """`/` and `**` have a bug each, and do not use each other."""

    def slope_of_power(self, n):
        return n * self.data**n

    def __truediv__(self, other):
        other = self.lift(other)
        quotient = self.data / other.data
        return type(self)(quotient, (self, other), (1.0 / other.data, quotient / other.data))


class WrongProductAndPower(WrongPower):
    """`*` and `**` have a bug each; `/` uses both, and `-` the first."""

    def __mul__(self, other):
        other = self.lift(other)
        return type(self)(self.data * other.data, (self, other), (2.0 * other.data, self.data))

    __rmul__ = __mul__
