"""relu writes its result over its operand, unless that is an input."""

import plain


class Value(plain.Value):
    overwrites = True

    def relu(self):
        result = max(0.0, self.data)
        made = type(self)(result, (self,), (float(self.data > 0.0),))
        if self.children and self.overwrites:
            self.data = result
        return made


class Healthy(Value):
    overwrites = False


class WrongProduct(Healthy):
    """The product itself is wrong there."""

    def __mul__(self, other):
        made = super().__mul__(other)
        made.data = max(made.data, 0.0)
        return made


class Coarse(Healthy):
    """Every number is rounded to an eighth."""

    def __init__(self, data, *rest):
        super().__init__(round(8.0 * data) / 8.0, *rest)
