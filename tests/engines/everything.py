"""An engine that has every operation of the table, each by a formula that keeps its digits."""

import math


def digamma(x):
    below = 0.0
    while x < 20.0:
        below, x = below + 1.0 / x, x + 1.0
    y = 1.0 / (x * x)
    tail = y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y / 132))))
    return math.log(x) - 0.5 / x - tail - below


def trigamma(x):
    below = 0.0
    while x < 20.0:
        below, x = below + 1.0 / (x * x), x + 1.0
    y = 1.0 / (x * x)
    slope = y * (1 / 6 - y * (1 / 30 - y * (1 / 42 - y * (1 / 30 - y * 5 / 66))))
    return below + 1.0 / x + 0.5 * y + slope / x


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
        if isinstance(exponent, Value):
            return self.power(exponent)
        partial = exponent * self.data ** (exponent - 1.0) if exponent else 0.0
        return self._made(self.data**exponent, (self,), (partial,))

    def __rpow__(self, base):
        return self._number(base).power(self)

    def power(self, other):
        other = self._number(other)
        result = self.data**other.data
        of_base = other.data * self.data ** (other.data - 1.0)
        of_exponent = result * math.log(self.data) if self.data > 0.0 else math.nan
        return self._made(result, (self, other), (of_base, of_exponent))

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

    def _chosen(self, others, choose):
        operands = [self, *map(self._number, others)]
        numbers = [operand.data for operand in operands]
        first = numbers.index(choose(numbers))
        partials = [float(index == first) for index in range(len(operands))]
        return self._made(numbers[first], operands, partials)

    def max(self, *others):
        return self._chosen(others, max)

    def min(self, *others):
        return self._chosen(others, min)

    def sum(self, *others):
        operands = [self, *map(self._number, others)]
        return self._made(sum(o.data for o in operands), operands, [1.0] * len(operands))

    def prod(self, *others):
        operands = [self, *map(self._number, others)]
        numbers = [operand.data for operand in operands]
        partials = [math.prod(numbers[:i] + numbers[i + 1 :]) for i in range(len(numbers))]
        return self._made(math.prod(numbers), operands, partials)

    def logsumexp(self, *others):
        operands = [self, *map(self._number, others)]
        largest = max(operand.data for operand in operands)
        sizes = [math.exp(operand.data - largest) for operand in operands]
        total = sum(sizes)
        partials = [size / total for size in sizes]
        return self._made(largest + math.log(total), operands, partials)

    def logaddexp(self, other):
        return self.logsumexp(other)

    def tan(self):
        result = math.tan(self.data)
        return self._made(result, (self,), (1.0 + result * result,))

    def asin(self):
        return self._made(math.asin(self.data), (self,), (1.0 / math.sqrt(1.0 - self.data**2),))

    def acos(self):
        return self._made(math.acos(self.data), (self,), (-1.0 / math.sqrt(1.0 - self.data**2),))

    def asinh(self):
        return self._made(math.asinh(self.data), (self,), (1.0 / math.hypot(self.data, 1.0),))

    def acosh(self):
        partial = 1.0 / (math.sqrt(self.data - 1.0) * math.sqrt(self.data + 1.0))
        return self._made(math.acosh(self.data), (self,), (partial,))

    def atanh(self):
        partial = 1.0 / ((1.0 - self.data) * (1.0 + self.data))
        return self._made(math.atanh(self.data), (self,), (partial,))

    def atan2(self, other):
        other = self._number(other)
        square = self.data * self.data + other.data * other.data
        partials = (other.data / square, -self.data / square)
        return self._made(math.atan2(self.data, other.data), (self, other), partials)

    def hypot(self, other):
        other = self._number(other)
        result = math.hypot(self.data, other.data)
        return self._made(result, (self, other), (self.data / result, other.data / result))

    def log1p(self):
        return self._made(math.log1p(self.data), (self,), (1.0 / (1.0 + self.data),))

    def expm1(self):
        return self._made(math.expm1(self.data), (self,), (math.exp(self.data),))

    def log2(self):
        return self._made(math.log2(self.data), (self,), (1.0 / (self.data * math.log(2.0)),))

    def log10(self):
        return self._made(math.log10(self.data), (self,), (1.0 / (self.data * math.log(10.0)),))

    def exp2(self):
        result = math.exp2(self.data)
        return self._made(result, (self,), (result * math.log(2.0),))

    def square(self):
        return self._made(self.data * self.data, (self,), (2.0 * self.data,))

    def reciprocal(self):
        result = 1.0 / self.data
        return self._made(result, (self,), (-result * result,))

    def rsqrt(self):
        result = 1.0 / math.sqrt(self.data)
        return self._made(result, (self,), (-0.5 * result / self.data,))

    def fma(self, factor, term):
        factor, term = self._number(factor), self._number(term)
        result = self.data * factor.data + term.data
        return self._made(result, (self, factor, term), (factor.data, self.data, 1.0))

    def sign(self):
        return self._made(float((self.data > 0.0) - (self.data < 0.0)), (self,), (0.0,))

    def floor(self):
        return self._made(float(math.floor(self.data)), (self,), (0.0,))

    def clamp(self, low, high):
        is_inside = float(low < self.data < high)
        return self._made(min(max(self.data, low), high), (self,), (is_inside,))

    def where(self, other, one, two):
        other, one, two = map(self._number, (other, one, two))
        is_first = float(self.data > other.data)
        partials = (0.0, 0.0, is_first, 1.0 - is_first)
        return self._made(one.data if is_first else two.data, (self, other, one, two), partials)

    def leaky_relu(self, slope):
        partial = 1.0 if self.data > 0.0 else slope
        return self._made(partial * self.data, (self,), (partial,))

    def elu(self, alpha):
        is_positive = self.data > 0.0
        value = self.data if is_positive else alpha * math.expm1(self.data)
        partial = 1.0 if is_positive else alpha * math.exp(self.data)
        return self._made(value, (self,), (partial,))

    def softplus(self):
        decay = math.exp(-abs(self.data))
        partial = (1.0 if self.data >= 0.0 else decay) / (1.0 + decay)
        return self._made(max(self.data, 0.0) + math.log1p(decay), (self,), (partial,))

    def silu(self):
        return self * self.sigmoid()

    def gelu(self):
        below = 0.5 * math.erfc(-self.data / math.sqrt(2.0))
        density = math.exp(-0.5 * self.data * self.data) / math.sqrt(2.0 * math.pi)
        return self._made(self.data * below, (self,), (below + self.data * density,))

    def gelu_tanh(self):
        return 0.5 * self * (1.0 + (math.sqrt(2.0 / math.pi) * (self + 0.044715 * self**3)).tanh())

    def erf(self):
        partial = 2.0 / math.sqrt(math.pi) * math.exp(-self.data * self.data)
        return self._made(math.erf(self.data), (self,), (partial,))

    def erfc(self):
        partial = -2.0 / math.sqrt(math.pi) * math.exp(-self.data * self.data)
        return self._made(math.erfc(self.data), (self,), (partial,))

    def lgamma(self):
        return self._made(math.lgamma(self.data), (self,), (digamma(self.data),))

    def digamma(self):
        return self._made(digamma(self.data), (self,), (trigamma(self.data),))

    def sinc(self):
        x = math.pi * self.data
        if abs(x) < 0.1:
            slope = -math.pi * x * (1 / 3 - x**2 * (1 / 30 - x**2 * (1 / 840 - x**2 / 45360)))
        else:
            slope = (math.cos(x) - math.sin(x) / x) / self.data
        return self._made(math.sin(x) / x if x else 1.0, (self,), (slope,))

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
