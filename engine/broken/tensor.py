"""A tensor over NumPy, as people write their first one, and a right one."""

import numpy as np


def summed_to(gradient, shape):
    """Return a gradient summed over the axes that were broadcast."""
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1 and gradient.shape[axis] != 1:
            gradient = gradient.sum(axis=axis, keepdims=True)
    return gradient


class Tensor:
    __array_ufunc__ = None  # NumPy leaves `array + tensor` to __radd__

    def __init__(self, data, parents=(), backward=None):
        self.data = np.asarray(data, dtype=np.float64)
        self.grad = np.zeros_like(self.data)
        self.parents = parents
        self.pass_on = backward

    @staticmethod
    def lift(other):
        return other if isinstance(other, Tensor) else Tensor(other)

    def give(self, gradient):
        self.grad = self.grad + summed_to(gradient, self.data.shape)

    def __add__(self, other):
        other = Tensor.lift(other)

        def backward(g):
            self.give(g)
            other.give(g)

        return Tensor(self.data + other.data, (self, other), backward)

    __radd__ = __add__

    def __mul__(self, other):
        other = Tensor.lift(other)

        def backward(g):
            self.give(g * other.data)
            other.give(g * self.data)

        return Tensor(self.data * other.data, (self, other), backward)

    __rmul__ = __mul__

    def __neg__(self):
        return Tensor(-self.data, (self,), lambda g: self.give(-g))

    def __sub__(self, other):
        return self + -Tensor.lift(other)

    def __rsub__(self, other):
        return Tensor.lift(other) - self

    def __truediv__(self, other):
        other = Tensor.lift(other)

        def backward(g):
            self.give(g / other.data)
            other.give(-g * self.data / (other.data * other.data))

        return Tensor(self.data / other.data, (self, other), backward)

    def __rtruediv__(self, other):
        return Tensor.lift(other) / self

    def __pow__(self, n):
        if isinstance(n, Tensor):
            return self.power(n)
        return Tensor(self.data**n, (self,), lambda g: self.give(g * (n * self.data ** (n - 1))))

    def power(self, other):
        p = self.data**other.data

        def backward(g):
            self.give(g * (other.data * self.data ** (other.data - 1.0)))
            other.give(g * (p * np.log(self.data)))

        return Tensor(p, (self, other), backward)

    def sqrt(self):
        r = np.sqrt(self.data)
        return Tensor(r, (self,), lambda g: self.give(g / (2.0 * r)))

    def abs(self):
        return Tensor(np.abs(self.data), (self,), lambda g: self.give(g * np.sign(self.data)))

    def tanh(self):
        t = np.tanh(self.data)
        return Tensor(t, (self,), lambda g: self.give(g * (1.0 - t * t)))

    def exp(self):
        e = np.exp(self.data)
        return Tensor(e, (self,), lambda g: self.give(g * e))

    def log(self):
        return Tensor(np.log(self.data), (self,), lambda g: self.give(g / self.data))

    def relu(self):
        return Tensor(
            np.maximum(self.data, 0.0), (self,), lambda g: self.give(g * (self.data > 0.0))
        )

    def sum(self, axis=None, keepdims=False):
        def backward(g):
            if axis is not None and not keepdims:
                g = np.expand_dims(g, axis)
            self.give(np.broadcast_to(g, self.data.shape))

        return Tensor(self.data.sum(axis=axis, keepdims=keepdims), (self,), backward)

    def mean(self, axis=None, keepdims=False):
        count = self.data.size if axis is None else np.prod(np.take(self.data.shape, axis))
        return self.sum(axis, keepdims) / float(count)

    def max(self, axis=None, keepdims=False):
        largest = self.data.max(axis=axis, keepdims=True)

        def backward(g):
            is_largest = self.data == largest
            if axis is not None and not keepdims:
                g = np.expand_dims(g, axis)
            self.give(g * is_largest / is_largest.sum(axis=axis, keepdims=True))

        return Tensor(self.data.max(axis=axis, keepdims=keepdims), (self,), backward)

    def __matmul__(self, other):
        def backward(g):
            x, y = self.data, other.data
            if x.ndim == 1 and y.ndim == 1:
                self.give(g * y)
                other.give(g * x)
                return
            left = x[np.newaxis] if x.ndim == 1 else x
            right = y[:, np.newaxis] if y.ndim == 1 else y
            if x.ndim == 1:
                g = np.expand_dims(g, -2)
            if y.ndim == 1:
                g = np.expand_dims(g, -1)
            to_left = g @ np.swapaxes(right, -1, -2)
            to_right = np.swapaxes(left, -1, -2) @ g
            to_left = summed_to(to_left, left.shape).reshape(x.shape)
            to_right = summed_to(to_right, right.shape).reshape(y.shape)
            self.give(to_left)
            other.give(to_right)

        return Tensor(self.data @ other.data, (self, other), backward)

    def reshape(self, *shape):
        return Tensor(
            self.data.reshape(*shape), (self,), lambda g: self.give(g.reshape(self.data.shape))
        )

    def transpose(self, *axes):
        back = np.argsort(axes) if axes else None
        return Tensor(self.data.transpose(*axes), (self,), lambda g: self.give(g.transpose(back)))

    @property
    def T(self):
        return self.transpose()

    def __getitem__(self, index):
        def backward(g):
            full = np.zeros_like(self.data)
            np.add.at(full, index, g)
            self.give(full)

        return Tensor(self.data[index], (self,), backward)

    def backward(self):
        order, seen = [], set()
        stack = [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack += [(parent, False) for parent in node.parents]
        self.grad = np.ones_like(self.data)
        for node in reversed(order):
            if node.pass_on is not None:
                node.pass_on(node.grad)


def concatenate(tensors, axis=0):
    def backward(g):
        ends = np.cumsum([tensor.data.shape[axis] for tensor in tensors])
        for tensor, part in zip(tensors, np.split(g, ends[:-1], axis=axis), strict=True):
            tensor.give(part)

    return Tensor(np.concatenate([t.data for t in tensors], axis), (*tensors,), backward)


def stack(tensors, axis=0):
    def backward(g):
        for tensor, part in zip(tensors, np.moveaxis(g, axis, 0), strict=True):
            tensor.give(part)

    return Tensor(np.stack([t.data for t in tensors], axis), (*tensors,), backward)
