"""Right engines that compute operations of networks with other formulas than ``network.py``."""

from pathlib import Path

from helpers.array_shapes import changed

RIGHT = (Path(__file__).parents[1] / "engines" / "network.py").read_text()

VAR = RIGHT[
    RIGHT.index("        deviations = self.data - self") : RIGHT.index(
        "        return Tensor(value, (self,), backward)\n\n    def norm"
    )
]

CUMPROD = RIGHT[
    RIGHT.index("            lines, g = np.moveaxis(") : RIGHT.index(
        "        return Tensor(value, (self,), backward)\n\n    def pad"
    )
]

PRODUCT_OF_ALL = """            reached = np.flip(np.cumsum(np.flip(g * value, axis), axis), axis)
            self.give(reached / self.data)

"""

NORMALIZED = RIGHT[
    RIGHT.index("    mean = x.data.mean(axis=axis, keepdims=True)") : RIGHT.index(
        "def layer_norm(x"
    )
]

CROSS_ENTROPY = RIGHT[
    RIGHT.index("    rows = np.arange(len(labels))") : RIGHT.index("def normalized(")
]


def other(*pairs):
    """Return the right engine with pieces written in another way."""
    return changed(*pairs, source=RIGHT)


SQUARES_LESS_SQUARE = """        whole = 1.0 * count
        mean = self.data.mean(axis=axis, keepdims=True)
        value = (self.data**2).mean(axis=axis, keepdims=True) - mean**2
        value = (value * (whole / (count - ddof))).sum(axis=axis, keepdims=keepdims)

        def backward(g):
            g = back(g, axis, keepdims)
            self.give(g * (2.0 * self.data) / (count - ddof))
            self.give(np.broadcast_to(-g * 2.0 * mean / (count - ddof), self.data.shape))

"""

VARIANCE_IN_STEPS = """        mean = self.data.sum(axis=axis, keepdims=True) * (1.0 / count)
        deviations = self.data + -1.0 * mean
        value = (deviations * deviations).sum(axis=axis, keepdims=keepdims) * (1.0 / (count - ddof))

        def backward(g):
            to_squares = back(g, axis, keepdims) * (1.0 / (count - ddof))
            to_deviations = to_squares * deviations + to_squares * deviations
            to_mean = -to_deviations.sum(axis=axis, keepdims=True)
            self.give(to_deviations)
            self.give(np.broadcast_to(to_mean * (1.0 / count), self.data.shape))

"""

NORMALIZED_IN_STEPS = """    count = np.prod(np.take(x.data.shape, axis))
    mean = x.data.mean(axis=axis, keepdims=True)
    d = x.data - mean
    v = (d**2).mean(axis=axis, keepdims=True)
    r = 1.0 / np.sqrt(v + eps)

    def backward(g):
        to_d = g * r
        to_r = (g * d).sum(axis=axis, keepdims=True)
        to_v = to_r * (-0.5 * r**3)
        to_d = to_d + to_v * (2.0 / count) * d
        x.give(to_d)
        x.give(np.broadcast_to(-to_d.sum(axis=axis, keepdims=True) / count, x.data.shape))

    return Tensor(d * r, (x,), backward)


"""

NORMALIZED_AT_ONCE = """    n = np.prod(np.take(x.data.shape, axis))
    mean = x.data.mean(axis=axis, keepdims=True)
    r = (x.data.var(axis=axis, keepdims=True) + eps) ** -0.5
    y = (x.data - mean) * r

    def backward(g):
        total = g.sum(axis=axis, keepdims=True)
        x.give((1.0 / n) * r * (n * g - total - y * (g * y).sum(axis=axis, keepdims=True)))

    return Tensor(y, (x,), backward)


"""

NORMALIZED_BY_SQUARES = """    n = np.prod(np.take(x.data.shape, axis))
    mean = x.data.mean(axis=axis, keepdims=True)
    v = (x.data**2).mean(axis=axis, keepdims=True) - mean**2
    s = np.sqrt(v + eps)
    d = x.data - mean

    def backward(g):
        to_s = -(g * d / (s * s)).sum(axis=axis, keepdims=True)
        to_v = to_s * 0.5 / s
        to_mean = -(g / s).sum(axis=axis, keepdims=True) - 2.0 * mean * to_v
        x.give(g / s)
        x.give(to_v * 2.0 * x.data / n)
        x.give(np.broadcast_to(to_mean / n, x.data.shape))

    return Tensor(d / s, (x,), backward)


"""

LOGARITHM_OF_SOFTMAX = """    rows = np.arange(len(labels))
    e = np.exp(logits.data - logits.data.max(axis=1, keepdims=True))
    total = e.sum(axis=1, keepdims=True)
    p = e / total
    loss = -np.log(p[rows, labels]).mean()

    def backward(g):
        to_p = np.zeros_like(p)
        to_p[rows, labels] = -(g / len(labels)) / p[rows, labels]
        to_e = to_p / total
        to_total = (to_p * (-e / total**2)).sum(axis=1, keepdims=True)
        logits.give((to_e + to_total) * e)

    return Tensor(loss, (logits,), backward)


"""

LOG_SOFTMAX = RIGHT[
    RIGHT.index("        value = shifted - np.log(np.exp") : RIGHT.index(
        "        return Tensor(value, (self,), backward)\n\n    def cumprod"
    )
]

LOG_SOFTMAX_BY_SOFTMAX = """        e = np.exp(shifted)
        shares = e / e.sum(axis=axis, keepdims=True)
        value = np.log(shares)

        def backward(g):
            to_shares = g / shares
            lost = (to_shares * shares).sum(axis=axis, keepdims=True)
            self.give(shares * (to_shares - lost))

"""

UNSHIFTED = """    rows = np.arange(len(labels))
    e = np.exp(logits.data)
    total = e.sum(axis=1)
    losses = np.log(total) - logits.data[rows, labels]

    def backward(g):
        d = g / len(labels) * (e / total[:, np.newaxis])
        np.add.at(d, (rows, labels), -g / len(labels))
        logits.give(d)

    return Tensor(losses.sum() / len(labels), (logits,), backward)


"""

CLOSED_SOFTMAX = """    rows = np.arange(len(labels))
    e = np.exp(logits.data - logits.data.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)

    def backward(g):
        d = p.copy()
        d[rows, labels] -= 1.0
        logits.give(d / len(labels) * g)

    return Tensor(-np.log(p[rows, labels]).sum() / len(labels), (logits,), backward)


"""

SOFTMAX = """    def softmax(self, axis):
        shifted = self.data - self.data.max(axis=axis, keepdims=True)
        value = VALUE

        def backward(g):
            self.give(value * (g - (g * value).sum(axis=axis, keepdims=True)))

        return Tensor(value, (self,), backward)

"""

_SUM_OF_EXPONENTIALS = "np.exp(shifted).sum(axis=axis, keepdims=True)"


def with_softmax(value):
    """Return the right engine with a softmax as well, which is computed by a formula."""
    method = SOFTMAX.replace("VALUE", value)
    return other(("    def cumprod(", method + "    def cumprod("))


SOFTMAXES = {
    "a quotient": with_softmax(f"np.exp(shifted) / {_SUM_OF_EXPONENTIALS}"),
    "the exponential of a logarithm": with_softmax(
        f"np.exp(shifted - np.log({_SUM_OF_EXPONENTIALS}))"
    ),
    "the exponential of one that is not shifted": with_softmax(
        "np.exp(self.data - np.log(np.exp(self.data).sum(axis=axis, keepdims=True)))"
    ),
}
"""The text of a right engine with each of the formulas for a softmax."""

NETWORK_FORMULAS = {
    "as it is": RIGHT,
    "the mean of squares less the square of the mean": other((VAR, SQUARES_LESS_SQUARE)),
    "a variance in steps": other((VAR, VARIANCE_IN_STEPS)),
    "a variance by numpy": other(
        (
            "value = (deviations**2).sum(axis=axis, keepdims=keepdims) / (count - ddof)",
            "value = self.data.var(axis=axis, keepdims=keepdims, ddof=ddof)",
        ),
        ("* 2.0 * deviations / (count - ddof)", "* (2.0 / (count - ddof)) * deviations"),
    ),
    "a norm by a power": other(
        (
            "value = np.sqrt((self.data * self.data).sum(axis=axis, keepdims=keepdims))",
            "value = (self.data**2).sum(axis=axis, keepdims=keepdims) ** 0.5",
        ),
        ("* self.data / r)", "* 0.5 * (r * r) ** -0.5 * 2.0 * self.data)"),
    ),
    "a norm whose largest element is divided out": other(
        (
            "value = np.sqrt((self.data * self.data).sum(axis=axis, keepdims=keepdims))",
            "top = np.abs(self.data).max(axis=axis, keepdims=True)\n"
            "        scaled = self.data / np.where(top > 0.0, top, 1.0)\n"
            "        value = np.sqrt((scaled**2).sum(axis=axis, keepdims=True)) * top\n"
            "        value = value.sum(axis=axis, keepdims=keepdims)",
        ),
        ("* self.data / r)", "* (self.data / r))"),
    ),
    "a norm in steps": other(
        (
            "self.give(back(g, axis, keepdims) * self.data / r)",
            "h = back(g, axis, keepdims) / (2.0 * r)\n"
            "            self.give(h * self.data)\n"
            "            self.give(h * self.data)",
        ),
    ),
    "a normalization in steps": other((NORMALIZED, NORMALIZED_IN_STEPS)),
    "a normalization at once": other((NORMALIZED, NORMALIZED_AT_ONCE)),
    "a normalization by squares": other((NORMALIZED, NORMALIZED_BY_SQUARES)),
    "the logarithm of the softmax": other((CROSS_ENTROPY, LOGARITHM_OF_SOFTMAX)),
    "log_softmax by the softmax": other((LOG_SOFTMAX, LOG_SOFTMAX_BY_SOFTMAX)),
    "an exponential that is not shifted": other((CROSS_ENTROPY, UNSHIFTED)),
    "the softmax less one": other((CROSS_ENTROPY, CLOSED_SOFTMAX)),
    "a mean squared error in steps": other(
        (
            "x.give(g * 2.0 * difference / difference.size)",
            "d = (2.0 / difference.size) * difference * g\n        x.give(d)",
        ),
        ("y.give(-g * 2.0 * difference / difference.size)", "y.give(-1.0 * d)"),
        ("(difference**2).mean()", "(difference * difference).sum() * (1.0 / difference.size)"),
    ),
    "the product of all divided by one": other((CUMPROD, PRODUCT_OF_ALL)),
    "a convolution by rows of windows": other(
        (
            'value = np.einsum(f"nc{out}{into},kc{into}->nk{out}", seen, kernel.data)',
            "value = np.tensordot(\n"
            "        seen, kernel.data, axes=([1, *range(2 + len(inner), seen.ndim)],\n"
            "                                 [1, *range(2, kernel.data.ndim)])\n"
            "    )\n"
            "    value = np.moveaxis(value, -1, 1)",
        ),
    ),
}
"""The text of a right engine with each of the formulas."""

NETWORK_FORMULAS |= {
    f"{name}, in float32": source.replace("np.float64", "np.float32")
    for name, source in NETWORK_FORMULAS.items()
}
