"""A correct engine whose ``zero_grad`` is for the one number that it is called on."""

import adds


class Value(adds.Value):
    def zero_grad(self):
        self.grad = 0.0
