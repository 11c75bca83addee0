"""Engines that fail where a graph lives on, each in its way."""

import adds


class HangsTheSecondTime(adds.Value):
    done = False

    def backward(self):
        while self.done:
            pass
        self.done = True
        super().backward()


class CannotUseInputsAgain(adds.Value):
    used = False

    def __mul__(self, other):
        if self.used:
            raise ValueError("used before")
        return super().__mul__(other)

    def backward(self):
        super().backward()
        for node in self.order():
            node.used = True


class ZeroGradRaises(adds.Value):
    def zero_grad(self):
        raise AttributeError("no gradients")


class NeverRight(adds.Value):
    def backward(self):
        super().backward()
        for node in self.order():
            node.grad = 3.0 * node.grad + 0.7  # where it is zero too


class AddsOnlyWhereItMultiplies(adds.Value):
    """Gradients are replaced in graphs without a product."""

    def clear_inner(self, order):
        multiplies = any(len(node.children) == 2 and node.partials != (1.0, 1.0) for node in order)
        for node in order:
            if node.children or not multiplies:
                node.grad = 0.0


class DoublesGradients(adds.Value):
    def backward(self):
        super().backward()
        for node in self.order():
            node.grad *= 2.0
