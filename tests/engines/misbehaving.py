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


class BackwardDoesNothing(plain.Value):
    def backward(self):
        pass


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


class NoGradientBeforeBackward(plain.Value):
    """A correct engine: asking for a gradient too early is an error, as it is in some libraries."""

    @property
    def grad(self):
        if "found" not in self.__dict__:
            raise RuntimeError("call backward() first")
        return self.found

    @grad.setter
    def grad(self, gradient):
        self.found = gradient

    def __init__(self, data, children=(), partials=()):
        super().__init__(data, children, partials)
        del self.found

    def send(self, child, partial):
        child.found = child.__dict__.get("found", 0.0) + partial * self.grad

    def backward(self):
        super().backward()
        for node in self.order():
            node.__dict__.setdefault("found", 0.0)


class DataStays(plain.Value):
    """A correct engine: the number of an input cannot be set again."""

    def __setattr__(self, name, value):
        if name == "data" and "data" in self.__dict__:
            raise ValueError("read-only")
        super().__setattr__(name, value)


class Array:
    """What NumPy's arrays of one element do: float() is for those without dimensions only."""

    def __init__(self, *elements):
        self.elements = elements

    def __float__(self):
        raise TypeError("only 0-dimensional arrays can be converted to Python scalars")

    def item(self):
        if len(self.elements) > 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return self.elements[0]


class GivesArrays(plain.Value):
    """A correct engine whose gradients are arrays of one element."""

    def backward(self):
        super().backward()
        for node in self.order():
            node.grad = Array(node.grad)


class GivesPairs(plain.Value):
    def backward(self):
        for node in self.order():
            node.grad = Array(node.grad, node.grad)


class TooLargeForAFloat(plain.Value):
    def __mul__(self, other):
        out = super().__mul__(other)
        out.data = 10**400
        return out


class ExitsOnSpeaking(BaseException):
    def __str__(self):
        raise SystemExit(0)


class RaisesWhatExits(plain.Value):
    def backward(self):
        raise ExitsOnSpeaking


class RaisesWhatNoTerminalTakes(plain.Value):
    def backward(self):
        raise type("Not a\nword!", (Exception,), {})("half a pair: \ud800\x1b[31m\nand more")
