"""``zero_grad`` clears what an operation has made, and never an input."""

import adds


class Value(adds.Value):
    def zero_grad(self):
        self.clear_inner(self.order())
