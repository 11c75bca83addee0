"""Engines whose ``zero_grad`` is a network's: it forgets one parameter."""

import adds


class Value(adds.Value):
    zero_grad = None


class Module:
    def parameters(self):
        return []

    def zero_grad(self):
        for parameter in self.parameters()[1:]:
            parameter.grad = 0.0
