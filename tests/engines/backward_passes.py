"""Backward passes that go wrong in ways of their own, and one that is right and tidies up."""

import plain


class ReadsTheLastTanh(plain.Value):
    """The partial of every tanh is taken at the value of the one that was made last."""

    last = None

    def tanh(self):
        out = super().tanh()
        type(self).last = out
        return out

    def send(self, child, partial):
        if len(self.children) == 1:
            partial = 1.0 - type(self).last.data ** 2
        super().send(child, partial)


class TanhAddsWhatIsThere(plain.Value):
    """Tanh takes what its operand has for a part of what comes from above."""

    def send(self, child, partial):
        if len(self.children) == 1:
            child.grad += partial * (self.grad + child.grad)
        else:
            super().send(child, partial)


class AllAddWhatIsThere(plain.Value):
    """Every operation does."""

    def send(self, child, partial):
        child.grad += partial * (self.grad + child.grad)


class ForgetsForOneOperand(plain.Value):
    """The product forgets the gradient from above, for its second operand only."""

    def send(self, child, partial):
        if self.partials != (1.0, 1.0) and len(self.children) == 2 and child is self.children[1]:
            child.grad += partial
        else:
            super().send(child, partial)


class SkipsSmallGradients(plain.Value):
    """A node sends nothing on where its gradient is small."""

    def send(self, child, partial):
        if abs(self.grad) >= 1e-3:
            super().send(child, partial)


class ClearsInnerNodes(plain.Value):
    """A correct engine that keeps the gradients of inputs only."""

    def backward(self):
        super().backward()
        for node in self.order():
            if node.children:
                node.grad = 0.0


class ClearsAndHasAWrongSign(ClearsInnerNodes):
    def __mul__(self, other):
        out = super().__mul__(other)
        out.partials = (out.partials[0], -out.partials[1])
        return out

    __rmul__ = __mul__


class OperandsFirst(plain.Value):
    """A wrong order, in an engine with one operation of two operands."""

    __mul__ = __rmul__ = None

    def order(self):
        return reversed(list(super().order()))


class KnowsTheSignOfZero(plain.Value):
    """The derivative of tanh is wrong at -0.0 only."""

    def send(self, child, partial):
        negative = len(self.children) == 1 and str(child.data) == "-0.0"
        super().send(child, 2.0 * partial if negative else partial)


class ReleasesFactors(plain.Value):
    """What was multiplied once cannot be multiplied again, in another graph."""

    released = False

    def __mul__(self, other):
        if self.released:
            raise RuntimeError("the graph has been freed")
        return super().__mul__(other)

    __rmul__ = __mul__

    def backward(self):
        super().backward()
        for node in self.order():
            if len(node.children) == 2 and node.partials != (1.0, 1.0):
                for child in node.children:
                    child.released = True


class KeepsWhatMet(plain.Value):
    """A tanh and a product in one graph leave something behind in its inputs."""

    spoiled = False

    def backward(self):
        super().backward()
        nodes = list(self.order())
        for node in nodes:
            node.grad += node.spoiled
            node.spoiled = {len(other.children) for other in nodes} == {0, 1, 2}
