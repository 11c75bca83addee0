"""A sign in the product's second partial, and a tanh derivative off by one part in 10**12."""

import imprecise_tanh


class Value(imprecise_tanh.Value):
    def __mul__(self, other):
        out = super().__mul__(other)
        out.partials = (out.partials[0], -out.partials[1])
        return out

    __rmul__ = __mul__
