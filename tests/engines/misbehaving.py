"""One class for each thing that an engine can do instead of answering."""

import plain


class RaisesForward(plain.Value):
    def __mul__(self, other):
        raise RuntimeError("no multiplication\ntoday")


class RaisesBackward(plain.Value):
    def backward(self):
        raise ZeroDivisionError


class Exits(plain.Value):
    def backward(self):
        raise SystemExit(0)


class ReturnsNan(plain.Value):
    def backward(self):
        super().backward()
        for node in self.order():
            node.grad = float("nan")


class NanValue(plain.Value):
    def __mul__(self, other):
        out = super().__mul__(other)
        out.data = float("nan")
        return out


class NoGradient(plain.Value):
    def backward(self):
        for node in self.order():
            node.grad = None


class NoBackward:
    def __init__(self, data):
        self.data = data
        self.grad = 0.0

    def __mul__(self, other):
        return NoBackward(self.data * other.data)


class ReturnsText(plain.Value):
    def __mul__(self, other):
        out = super().__mul__(other)
        out.data = str(out.data)
        return out


class TextGradient(plain.Value):
    def backward(self):
        for node in self.order():
            node.grad = "1.0"


class ReturnsFloat(plain.Value):
    def __mul__(self, other):
        return self.data * other.data


class MutatesInputs(plain.Value):
    def backward(self):
        super().backward()
        for node in self.order():
            if not node.children:
                node.data -= 0.1 * node.grad


class Recursive(plain.Value):
    def backward(self):
        return self.backward()


class Unspeakable(BaseException):
    def __str__(self):
        raise RuntimeError


class RaisesWhatHasNoText(plain.Value):
    def backward(self):
        raise Unspeakable
