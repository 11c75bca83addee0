"""The output's own gradient is set to 2."""

import plain


class Value(plain.Value):
    seed = 2.0
