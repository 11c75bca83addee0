"""A scalar that remembers how it was made, so that it can send gradients back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator


class Value:
    """One scalar in a graph: its number, its gradient and the Values it was made from.

    ``data`` is a float; ``grad`` is d output / d this Value, 0.0 until a backward pass reaches it.
    Plain numbers mix in on both sides of every operator. Anything else raises ``TypeError``; a
    number outside an operation's domain raises what Python's ``math`` raises.

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
        """The Values that made this one, for looking; ``_operands`` keeps order and repeats."""
        return set(self._operands)

    def __add__(self, other: Value | float) -> Value:
        other = _as_value(other)
        return Value(self.data + other.data, (self, other), "+")

    def __mul__(self, other: Value | float) -> Value:
        other = _as_value(other)
        return Value(self.data * other.data, (self, other), "*")

    def __truediv__(self, other: Value | float) -> Value:
        other = _as_value(other)
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
        """Give every Value under this one its ``grad``, d self / d that Value.

        The gradients of leaves add up over several calls, as a training loop expects: set them to
        0.0 in between. Time and memory grow with the number of Values, whatever their depth.
        """
        order = list(in_topological_order(self))
        for node in order:
            if node._operands:
                node.grad = 0.0
        self.grad += 1.0
        for node in reversed(order):
            if node._operands:
                partials = _LOCAL_PARTIALS[node._op](node, *node._operands)
                for operand, partial in zip(node._operands, partials, strict=True):
                    operand.grad += partial * node.grad


def in_topological_order(root: Value) -> Iterator[Value]:
    """Every Value under ``root`` once, operands before what is made of them; no recursion."""
    seen = {root}
    path = [(root, iter(root._operands))]
    while path:
        node, operands = path[-1]
        for operand in operands:
            if operand not in seen:
                seen.add(operand)
                path.append((operand, iter(operand._operands)))
                break
        else:
            path.pop()
            yield node


def _as_value(number: Value | float) -> Value:
    if isinstance(number, Value):
        return number
    if isinstance(number, int | float):
        return Value(number)
    message = f"a Value mixes with plain numbers only, not with {number!r}"
    raise TypeError(message)


def _tanh_partial(x: float) -> float:
    """The derivative of tanh at ``x``, with a relative error below 4 units of roundoff.

    ``1 - tanh(x)**2`` cancels in the tail, so this is 4E / (1 + E(2 + E)) with E = exp(-2|x|), all
    of it positive. The errors, in units of roundoff and with a correctly rounded exp: E moves the
    result by (1 - E)/(1 + E), the two roundings inside the bracket weigh 2E(2 + E)/(1 + E)**2, its
    sum and the division 1 each. That is at most 3.5, reached at x = 0.
    """
    decay = math.exp(-2.0 * abs(x))
    return 4.0 * decay / (1.0 + decay * (2.0 + decay))


# d out / d operand, in the order of the operands. The exponent of ** is a constant.
_LOCAL_PARTIALS: dict[str, Callable[..., tuple[float, ...]]] = {
    "+": lambda out, a, b: (1.0, 1.0),
    "*": lambda out, a, b: (b.data, a.data),
    "/": lambda out, a, b: (1.0 / b.data, -out.data / b.data),
    "**": lambda out, a, k: (k.data * a.data ** (k.data - 1.0) if k.data else 0.0, 0.0),
    "tanh": lambda out, a: (_tanh_partial(a.data),),
    "exp": lambda out, a: (out.data,),
    "relu": lambda out, a: (float(a.data > 0.0),),
}
