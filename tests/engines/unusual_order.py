"""A correct engine whose derivative of tanh is a product and a quotient in an unusual order."""

import math

import plain


class Value(plain.Value):
    def tanh(self):
        return type(self)(math.tanh(self.data), (self,), (self.data,))

    def send(self, child, partial):
        if len(self.children) == 1:
            decay = math.exp(-2.0 * abs(partial))
            child.grad += self.grad * decay * 4.0 / (1.0 + decay) / (1.0 + decay)
        else:
            super().send(child, partial)


class Halved(Value):
    def send(self, child, partial):
        super().send(child, partial)
        if len(self.children) == 1:
            child.grad *= 0.5
