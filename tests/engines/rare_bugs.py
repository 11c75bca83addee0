"""Engines with a bug that shows only under a condition; ``Value`` in everything.py has none."""

import math

from everything import Value


def doubled_if(method, condition):
    """Return an engine whose partials of an operation are doubled where the condition holds."""
    right = getattr(Value, method)

    def operation(self, *others):
        made = right(self, *others)
        if condition(self, *others):
            made._partials = tuple(2.0 * partial for partial in made._partials)
        return made

    return type("Planted", (Value,), {method: operation})


def is_int(number):
    return isinstance(number, int)


Above1e100 = doubled_if("__mul__", lambda a, b: abs(a.data) > 1e100)
Below1e200 = doubled_if("__mul__", lambda a, b: 0.0 < abs(a.data) < 1e-200)
FactorIsInt = doubled_if("__mul__", lambda a, b: is_int(b))
TermIsInt = doubled_if("__radd__", lambda a, b: is_int(b))
ExponentIsInt = doubled_if("__pow__", lambda a, n: is_int(n))
ExponentIs7 = doubled_if("__pow__", lambda a, n: n == 7)


class AtDepth30(Value):
    """The partials of the 30th operation of a chain are doubled."""

    depth = 0

    def _made(self, data, operands, partials):
        made = super()._made(data, operands, partials)
        made.depth = 1 + max(operand.depth for operand in operands)
        if made.depth == 30:
            made._partials = tuple(2.0 * partial for partial in partials)
        return made


class NonFiniteIsZero(Value):
    """A gradient that is no finite number becomes 0."""

    _grad = 0.0

    @property
    def grad(self):
        return self._grad

    @grad.setter
    def grad(self, number):
        self._grad = number if math.isfinite(number) else 0.0


class FanOutAbove8(Value):
    """A result of an operation that is used more than eight times gets twice its gradient."""

    uses = 0

    def _made(self, data, operands, partials):
        for operand in operands:
            operand.uses += 1
        return super()._made(data, operands, partials)

    def backward(self):
        nodes, pending = {id(self)}, [self]
        while pending:
            node = pending.pop()
            node._partials = tuple(
                2.0 * partial if operand._operands and operand.uses > 8 else partial
                for operand, partial in zip(node._operands, node._partials, strict=True)
            )
            new = [operand for operand in node._operands if id(operand) not in nodes]
            nodes.update(map(id, new))
            pending += dict.fromkeys(new)
        super().backward()


class OverflowsEarly(Value):
    """A product beyond 1e300 is an infinity."""

    def __mul__(self, other):
        made = super().__mul__(other)
        if abs(made.data) > 1e300:
            made.data = math.copysign(math.inf, made.data)
        return made
