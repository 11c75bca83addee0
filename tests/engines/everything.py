"""An engine that has every operation of the table, each by a formula that keeps its digits."""

import math


class Value:
    def __init__(self, data, operands=(), partials=()):
        self.data = float(data)
        self.grad = 0.0
        self._operands = operands
        self._partials = partials

    def _made(self, data, operands, partials):
        return type(self)(data, operands, partials)

    def _number(self, other):
        return other if isinstance(other, Value) else type(self)(other)

    def __add__(self, other):
        other = self._number(other)
        return self._made(self.data + other.data, (self, other), (1.0, 1.0))

    def __sub__(self, other):
        other = self._number(other)
        return self._made(self.data - other.data, (self, other), (1.0, -1.0))

    def __mul__(self, other):
        other = self._number(other)
        return self._made(self.data * other.data, (self, other), (other.data, self.data))

    def __truediv__(self, other):
        other = self._number(other)
        quotient = self.data / other.data
        partials = (1.0 / other.data, -quotient / other.data)
        return self._made(quotient, (self, other), partials)

    def __radd__(self, other):
        return self._number(other) + self

    def __rsub__(self, other):
        return self._number(other) - self

    def __rmul__(self, other):
        return self._number(other) * self

    def __rtruediv__(self, other):
        return self._number(other) / self

    def __neg__(self):
        return self._made(-self.data, (self,), (-1.0,))

    def __pow__(self, exponent):
        partial = exponent * self.data ** (exponent - 1.0) if exponent else 0.0
        return self._made(self.data**exponent, (self,), (partial,))

    def __abs__(self):
        return self._made(abs(self.data), (self,), (math.copysign(1.0, self.data),))

    def exp(self):
        result = math.exp(self.data)
        return self._made(result, (self,), (result,))

    def log(self):
        return self._made(math.log(self.data), (self,), (1.0 / self.data,))

    def sqrt(self):
        result = math.sqrt(self.data)
        return self._made(result, (self,), (0.5 / result,))

    def sin(self):
        return self._made(math.sin(self.data), (self,), (math.cos(self.data),))

    def cos(self):
        return self._made(math.cos(self.data), (self,), (-math.sin(self.data),))

    def sinh(self):
        return self._made(math.sinh(self.data), (self,), (math.cosh(self.data),))

    def cosh(self):
        return self._made(math.cosh(self.data), (self,), (math.sinh(self.data),))

    def tanh(self):
        result = math.tanh(self.data)
        return self._made(result, (self,), (1.0 - result * result,))

    def atan(self):
        return self._made(math.atan(self.data), (self,), (1.0 / (1.0 + self.data * self.data),))

    def sigmoid(self):
        decay = math.exp(-abs(self.data))
        result = (1.0 if self.data >= 0.0 else decay) / (1.0 + decay)
        return self._made(result, (self,), (result * (1.0 - result),))

    def relu(self):
        return self._made(max(self.data, 0.0), (self,), (float(self.data > 0.0),))

    def max(self, other):
        other = self._number(other)
        first = float(self.data >= other.data)
        return self._made(max(self.data, other.data), (self, other), (first, 1.0 - first))

    def min(self, other):
        other = self._number(other)
        first = float(self.data <= other.data)
        return self._made(min(self.data, other.data), (self, other), (first, 1.0 - first))

    def backward(self):
        order, seen, path = [], {id(self)}, [(self, iter(self._operands))]
        while path:
            node, operands = path[-1]
            for operand in operands:
                if id(operand) not in seen:
                    seen.add(id(operand))
                    path.append((operand, iter(operand._operands)))
                    break
            else:
                path.pop()
                order.append(node)
        for node in order:
            if node._operands:
                node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            for operand, partial in zip(node._operands, node._partials, strict=True):
                operand.grad += partial * node.grad
