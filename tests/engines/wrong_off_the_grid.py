"""Products of whole numbers are right, all others are a little too large."""

import plain


class Value(plain.Value):
    def __mul__(self, other):
        out = super().__mul__(other)
        out.data += 0.0 if all(child.data.is_integer() for child in out.children) else 0.001
        return out

    __rmul__ = __mul__
