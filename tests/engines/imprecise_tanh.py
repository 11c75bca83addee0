"""tanh's derivative is off by one part in 10**12."""

import plain


class Value(plain.Value):
    def tanh(self):
        out = super().tanh()
        out.partials = (out.partials[0] * (1.0 + 1e-12),)
        return out
