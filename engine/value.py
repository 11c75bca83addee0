"""A scalar that remembers how it was made, so that it can compute gradients."""

from __future__ import annotations

import math


class Value:
    """One scalar in a graph: its number, its gradient and the Values it was made from.

    ``data`` is a float; ``grad`` is d output / d this Value, 0.0 until a backward pass reaches it.
    Every operator also takes plain numbers, on either side. Anything else raises ``TypeError``. A
    number outside of an operation's domain raises the error that Python's ``math`` raises.

    >>> a = Value(2.0, label="a")
    >>> d = a * -3.0 + 10
    >>> d.backward()
    >>> d, a.grad
    (Value(data=4.0), -3.0)
    """

    __slots__ = ("_op", "_operands", "data", "grad", "label")

    def __init__(
        self, data: float, _children: tuple[Value, ...] = (), _op: str = "", label: str = ""
    ) -> None:
        self.data = float(data)
        self.grad = 0.0
        self.label = label
        self._operands = _children
        self._op = _op

    def __repr__(self) -> str:
        return f"Value(data={self.data})"

    @property
    def _prev(self) -> set[Value]:
        """The Values that made this one, as a set; ``_operands`` keeps their order and repeats."""
        return set(self._operands)

    def __add__(self, other: Value | float) -> Value:
        other = other if isinstance(other, Value) else _as_value(other)
        return Value(self.data + other.data, (self, other), "+")

    def __mul__(self, other: Value | float) -> Value:
        other = other if isinstance(other, Value) else _as_value(other)
        return Value(self.data * other.data, (self, other), "*")

    def __truediv__(self, other: Value | float) -> Value:
        other = other if isinstance(other, Value) else _as_value(other)
        return Value(self.data / other.data, (self, other), "/")

    def __pow__(self, exponent: float) -> Value:
        if not isinstance(exponent, int | float):
            message = f"the exponent of ** is a plain number, not {exponent!r}"
            raise TypeError(message)
        return Value(self.data**exponent, (self, Value(exponent)), "**")

    def __neg__(self) -> Value:
        return self * -1.0

    def __sub__(self, other: Value | float) -> Value:
        return self + -other

    def __radd__(self, other: float) -> Value:
        return _as_value(other) + self

    def __rmul__(self, other: float) -> Value:
        return _as_value(other) * self

    def __rsub__(self, other: float) -> Value:
        return _as_value(other) - self

    def __rtruediv__(self, other: float) -> Value:
        return _as_value(other) / self

    def tanh(self) -> Value:
        return Value(math.tanh(self.data), (self,), "tanh")

    def exp(self) -> Value:
        return Value(math.exp(self.data), (self,), "exp")

    def relu(self) -> Value:
        return Value(max(self.data, 0.0), (self,), "relu")

    def backward(self) -> None:
        """Set the ``grad`` of every Value that this one was made from: d self / d that Value.

        The gradients of leaves add up over several calls; a training loop sets them to 0.0 before
        each call. Time and memory are linear in the number of Values, at any depth.
        """
        results = [node for node in in_topological_order(self) if node._operands]
        for node in results:
            node.grad = 0.0
        self.grad += 1.0
        for node in reversed(results):
            node._add_contributions()

    def _add_contributions(self) -> None:
        """Add this gradient, times d self / d operand, to the gradient of each operand."""
        match self._op:
            case "+":
                a, b = self._operands
                a.grad += self.grad
                b.grad += self.grad
            case "*":
                a, b = self._operands
                a.grad += b.data * self.grad
                b.grad += a.data * self.grad
            case "tanh":
                (a,) = self._operands
                a.grad += _tanh_partial(a.data) * self.grad
            case "/":
                a, b = self._operands
                a.grad += 1.0 / b.data * self.grad
                b.grad += -self.data / b.data * self.grad
            case "**":
                a, k = self._operands  # the exponent is a constant
                partial = k.data * a.data ** (k.data - 1.0) if k.data else 0.0
                a.grad += partial * self.grad
            case "exp":
                (a,) = self._operands
                a.grad += self.data * self.grad
            case "relu":
                (a,) = self._operands
                a.grad += float(a.data > 0.0) * self.grad
            case unknown:
                raise KeyError(unknown)


def in_topological_order(root: Value) -> list[Value]:
    """Return ``root`` and all Values it was made from, each after its operands; no recursion."""
    order = []
    seen = {root}
    path = [root]
    while path:
        for operand in path[-1]._operands:
            if operand not in seen:
                seen.add(operand)
                path.append(operand)
                break
        else:
            order.append(path.pop())
    return order


def _as_value(number: Value | float) -> Value:
    if isinstance(number, Value):
        return number
    if isinstance(number, int | float):
        return Value(number)
    message = f"a Value takes plain numbers only, not {number!r}"
    raise TypeError(message)


def _tanh_partial(x: float) -> float:
    """Return the derivative of tanh at ``x``, with a relative error below 4 units of roundoff.

    ``1 - tanh(x)**2`` cancels for large ``x``. So this is 4E / (1 + E(2 + E)) with E = exp(-2|x|),
    which only adds positive numbers. The errors in units of roundoff, with a correctly rounded exp,
    are (1 - E)/(1 + E) for E, 2E(2 + E)/(1 + E)**2 for the two roundings inside the bracket, and 1
    each for its sum and the division. They add up to at most 3.5, reached at x = 0.
    """
    decay = math.exp(-2.0 * abs(x))
    return 4.0 * decay / (1.0 + decay * (2.0 + decay))
