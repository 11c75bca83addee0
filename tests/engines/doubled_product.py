"""The product is twice what it should be; its derivative is the true one."""

import plain


class Value(plain.Value):
    def __mul__(self, other):
        out = super().__mul__(other)
        out.data *= 2.0
        return out

    __rmul__ = __mul__
