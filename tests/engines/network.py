"""A tensor over NumPy with operations of networks, as people write them, and a right one."""

import numpy as np


def summed_to(gradient, shape):
    """Return a gradient summed over the axes that were broadcast."""
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1 and gradient.shape[axis] != 1:
            gradient = gradient.sum(axis=axis, keepdims=True)
    return gradient


def back(g, axis, keepdims):
    """Return a gradient with the axes that a reduction has taken away."""
    return g if axis is None or keepdims else np.expand_dims(g, axis)


def windows(x, size, stride):
    """Return a view of the windows over the last axes, as many more axes at the end."""
    axes = tuple(range(-len(size), 0))
    view = np.lib.stride_tricks.sliding_window_view(x, size, axes, writeable=True)
    return view[(..., *(slice(None, None, stride) for _ in size), *(slice(None) for _ in size))]


class Tensor:
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

    def tanh(self):
        t = np.tanh(self.data)
        return Tensor(t, (self,), lambda g: self.give(g * (1.0 - t * t)))

    def sum(self, axis=None, keepdims=False):
        def backward(g):
            self.give(np.broadcast_to(back(g, axis, keepdims), self.data.shape))

        return Tensor(self.data.sum(axis=axis, keepdims=keepdims), (self,), backward)

    def __getitem__(self, index):
        def backward(g):
            full = np.zeros_like(self.data)
            np.add.at(full, index, g)
            self.give(full)

        return Tensor(self.data[index], (self,), backward)

    def var(self, axis=None, keepdims=False, ddof=0):
        count = self.data.size if axis is None else np.prod(np.take(self.data.shape, axis))
        deviations = self.data - self.data.mean(axis=axis, keepdims=True)
        value = (deviations**2).sum(axis=axis, keepdims=keepdims) / (count - ddof)

        def backward(g):
            self.give(back(g, axis, keepdims) * 2.0 * deviations / (count - ddof))

        return Tensor(value, (self,), backward)

    def norm(self, axis=None, keepdims=False):
        value = np.sqrt((self.data * self.data).sum(axis=axis, keepdims=keepdims))

        def backward(g):
            r = back(value, axis, keepdims)
            self.give(back(g, axis, keepdims) * self.data / r)

        return Tensor(value, (self,), backward)

    def log_softmax(self, axis):
        shifted = self.data - self.data.max(axis=axis, keepdims=True)
        value = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))

        def backward(g):
            self.give(g - np.exp(value) * g.sum(axis=axis, keepdims=True))

        return Tensor(value, (self,), backward)

    def cumprod(self, axis):
        value = np.cumprod(self.data, axis=axis)

        def backward(g):
            lines, g = np.moveaxis(self.data, axis, -1), np.moveaxis(g, axis, -1)
            made = np.zeros_like(lines)
            for i in range(lines.shape[-1]):
                for j in range(i, lines.shape[-1]):
                    others = [k for k in range(j + 1) if k != i]
                    made[..., i] += g[..., j] * np.prod(lines[..., others], axis=-1)
            self.give(np.moveaxis(made, -1, axis))

        return Tensor(value, (self,), backward)

    def pad(self, widths):
        inner = tuple(
            slice(before, before + size)
            for (before, _), size in zip(widths, self.data.shape, strict=True)
        )
        return Tensor(np.pad(self.data, widths), (self,), lambda g: self.give(g[inner]))

    def roll(self, shift, axis):
        return Tensor(
            np.roll(self.data, shift, axis),
            (self,),
            lambda g: self.give(np.roll(g, -shift, axis)),
        )

    def tril(self, k=0):
        return Tensor(np.tril(self.data, k), (self,), lambda g: self.give(np.tril(g, k)))

    def triu(self, k=0):
        return Tensor(np.triu(self.data, k), (self,), lambda g: self.give(np.triu(g, k)))

    def diagonal(self, offset=0):
        def backward(g):
            full = np.zeros_like(self.data)
            places = np.arange(full.size).reshape(full.shape)
            full.ravel()[np.diagonal(places, offset)] = g
            self.give(full)

        return Tensor(np.diagonal(self.data, offset), (self,), backward)

    def split(self, sections, axis=0):
        size = self.data.shape[axis] // sections

        def part(i):
            place = [slice(None)] * self.data.ndim
            place[axis] = slice(i * size, (i + 1) * size)
            return self[tuple(place)]

        return [part(i) for i in range(sections)]

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


def where(condition, a, b):
    def backward(g):
        a.give(np.where(condition, g, 0.0))
        b.give(np.where(condition, 0.0, g))

    return Tensor(np.where(condition, a.data, b.data), (a, b), backward)


def outer(x, y):
    def backward(g):
        x.give(g @ y.data)
        y.give(x.data @ g)

    return Tensor(np.outer(x.data, y.data), (x, y), backward)


def mse_loss(x, y):
    difference = x.data - y.data

    def backward(g):
        x.give(g * 2.0 * difference / difference.size)
        y.give(-g * 2.0 * difference / difference.size)

    return Tensor((difference**2).mean(), (x, y), backward)


def cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    shifted = logits.data - logits.data.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

    def backward(g):
        d = np.exp(log_p)
        d[rows, labels] -= 1.0
        logits.give(g * d / len(labels))

    return Tensor(-log_p[rows, labels].mean(), (logits,), backward)


def normalized(x, axis, eps):
    mean = x.data.mean(axis=axis, keepdims=True)
    deviation = np.sqrt(x.data.var(axis=axis, keepdims=True) + eps)
    y = (x.data - mean) / deviation

    def backward(g):
        m = g.mean(axis=axis, keepdims=True)
        x.give((g - m - y * (g * y).mean(axis=axis, keepdims=True)) / deviation)

    return Tensor(y, (x,), backward)


def layer_norm(x, eps=1e-5):
    return normalized(x, -1, eps)


def batch_norm(x, eps=1e-5):
    return normalized(x, (0, *range(2, x.data.ndim)), eps)


def convolved(x, kernel, stride, padding, inner):
    around = [(0, 0), (0, 0), *[(padding, padding)] * len(inner)]
    padded = np.pad(x.data, around)
    seen = windows(padded, kernel.data.shape[2:], stride)
    out = "".join(inner).upper()
    into = "".join(inner)
    value = np.einsum(f"nc{out}{into},kc{into}->nk{out}", seen, kernel.data)

    def backward(g):
        kernel.give(np.einsum(f"nc{out}{into},nk{out}->kc{into}", seen, g))
        whole = np.zeros_like(padded)
        to_windows = np.einsum(f"nk{out},kc{into}->nc{out}{into}", g, kernel.data)
        for place in np.ndindex(kernel.data.shape[2:]):
            reached = tuple(
                slice(i, i + stride * n, stride) for i, n in zip(place, g.shape[2:], strict=True)
            )
            whole[(..., *reached)] += to_windows[(..., *place)]
        end = [slice(padding, size - padding) for size in padded.shape[2:]]
        x.give(whole[(..., *end)])

    return Tensor(value, (x, kernel), backward)


def conv1d(x, kernel, stride=1, padding=0):
    return convolved(x, kernel, stride, padding, ["x"])


def conv2d(x, kernel, stride=1, padding=0):
    return convolved(x, kernel, stride, padding, ["x", "y"])


def pooled(x, size, stride, reduce, share):
    seen = windows(x.data, (size, size), stride or size)

    def backward(g):
        whole = np.zeros_like(x.data)
        to_windows = windows(whole, (size, size), stride or size)
        for place in np.ndindex(g.shape):
            to_windows[place] += g[place] * share(seen[place])
        x.give(whole)

    return Tensor(reduce(seen, axis=(-2, -1)), (x,), backward)


def max_pool2d(x, size, stride=None):
    def share(window):
        is_largest = window == window.max()
        return is_largest / is_largest.sum()

    return pooled(x, size, stride, np.max, share)


def avg_pool2d(x, size, stride=None):
    return pooled(x, size, stride, np.mean, lambda window: 1.0 / window.size)
