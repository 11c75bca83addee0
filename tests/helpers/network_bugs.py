"""Bugs of operations of networks, each as a change to the right ones in ``network.py``."""

from gradcheck.selftest.array_zoo import PlantedArrayBug
from helpers.network_formulas import other


def planted(right, wrong, *signatures, words="", also=()):
    """Return the parts of a bug without its name; one operation is enough to show it."""
    return other((right, wrong), *also), signatures, words


TO_X = "        x.give((g - m - y * (g * y).mean(axis=axis, keepdims=True)) / deviation)"

OF_NORMALIZATIONS = ("wrong-partial-of-layer_norm", "wrong-partial-of-batch_norm")

OF_CONVOLUTIONS = ("wrong-partial-of-conv1d", "wrong-partial-of-conv2d")

OF_POOLS = ("wrong-partial-of-max_pool", "wrong-partial-of-avg_pool")

_BUGS = {
    "a variance without its two": planted(
        "* 2.0 * deviations", "* deviations", "wrong-partial-of-var", words="is half"
    ),
    "a variance whose gradient is divided by n": planted(
        "* 2.0 * deviations / (count - ddof)",
        "* 2.0 * deviations / count",
        "wrong-partial-of-var",
    ),
    "a variance without its mean": planted(
        "* 2.0 * deviations", "* 2.0 * self.data", "wrong-partial-of-var"
    ),
    "a norm whose gradient is not divided": planted(
        "* self.data / r)", "* self.data)", "wrong-partial-of-norm"
    ),
    "a choice that passes everything to both": planted(
        "a.give(np.where(condition, g, 0.0))", "a.give(g)", "wrong-partial-of-where"
    ),
    "a choice that is the wrong way round": planted(
        "a.give(np.where(condition, g, 0.0))",
        "a.give(np.where(condition, 0.0, g))",
        "wrong-partial-of-where",
        also=[("b.give(np.where(condition, 0.0, g))", "b.give(np.where(condition, g, 0.0))")],
    ),
    "an outer product of one factor": planted(
        "x.give(g @ y.data)", "x.give(g.sum(axis=1))", "wrong-partial-of-outer"
    ),
    "a squared error with one sign": planted(
        "y.give(-g * 2.0", "y.give(g * 2.0", "wrong-partial-of-mse", words="wrong sign"
    ),
    "a squared error divided by the rows": planted(
        "x.give(g * 2.0 * difference / difference.size)",
        "x.give(g * 2.0 * difference / np.shape(difference + np.zeros(1))[0])",
        "wrong-partial-of-mse",
    ),
    "a loss that is not divided by the rows": planted(
        "logits.give(g * d / len(labels))",
        "logits.give(g * d)",
        "wrong-partial-of-cross_entropy",
        words="what it should be",
    ),
    "a loss without its label": planted(
        "        d[rows, labels] -= 1.0\n", "", "wrong-partial-of-cross_entropy"
    ),
    "a loss that ignores the upstream gradient": planted(
        "logits.give(g * d / len(labels))",
        "logits.give(d / len(labels))",
        "forgotten-upstream-of-cross_entropy",
    ),
    "a normalization whose mean is a constant": planted(
        TO_X, TO_X.replace(" - m", ""), *OF_NORMALIZATIONS
    ),
    "a normalization whose variance is a constant": planted(
        TO_X, "        x.give((g - m) / deviation)", *OF_NORMALIZATIONS
    ),
    "a normalization of constants": planted(
        TO_X, "        x.give(g / deviation)", *OF_NORMALIZATIONS
    ),
    "a softmax over another axis on its way back": planted(
        "self.give(g - np.exp(value) * g.sum(axis=axis, keepdims=True))",
        "self.give(g - np.exp(value) * g.sum(axis=0, keepdims=True))",
        "wrong-partial-of-log_softmax",
    ),
    "products of later factors too": planted(
        "others = [k for k in range(j + 1) if k != i]",
        "others = [k for k in range(lines.shape[-1]) if k != i]",
        "wrong-partial-of-cumprod",
    ),
    "a padding that is cut off at the end": planted(
        "lambda g: self.give(g[inner])",
        "lambda g: self.give(g[tuple(map(slice, self.data.shape))])",
        "wrong-partial-of-pad",
    ),
    "a padding that is not cut off": planted(
        "lambda g: self.give(g[inner])",
        "lambda g: self.give(g)",
        "wrong-shape-of-pad",
        "wrong-partial-of-pad",
        "not-summed-of-pad",
        "crash-ValueError-of-pad",
    ),
    "elements rolled on instead of back": planted(
        "np.roll(g, -shift, axis)", "np.roll(g, shift, axis)", "wrong-partial-of-roll"
    ),
    "a triangle whose gradient is whole": planted(
        "lambda g: self.give(np.tril(g, k))", "lambda g: self.give(g)", "wrong-partial-of-tril"
    ),
    "a triangle whose diagonal is forgotten": planted(
        "lambda g: self.give(np.triu(g, k))",
        "lambda g: self.give(np.triu(g))",
        "wrong-partial-of-triu",
    ),
    "a diagonal in the first places": planted(
        "full.ravel()[np.diagonal(places, offset)] = g",
        "full.ravel()[: g.size] = g.ravel()",
        "wrong-partial-of-diagonal",
    ),
    "parts without the whole": planted(
        "return self[tuple(place)]",
        "return Tensor(self.data[tuple(place)])",
        "wrong-partial-of-split",
        words="zero",
    ),
    "a convolution that flips the kernel on its way back": planted(
        "g, kernel.data)\n        for place",
        "g, np.flip(kernel.data, -1))\n        for place",
        *OF_CONVOLUTIONS,
    ),
    "a convolution that forgets the stride": planted(
        "slice(i, i + stride * n, stride)", "slice(i, i + n)", *OF_CONVOLUTIONS
    ),
    "windows that overwrite each other": planted(
        "whole[(..., *reached)] += to_windows",
        "whole[(..., *reached)] = to_windows",
        *OF_CONVOLUTIONS,
    ),
    "a kernel with the gradient of one example": planted(
        "seen, g))\n        whole", "seen[:1], g[:1]))\n        whole", *OF_CONVOLUTIONS
    ),
    "a padding that stays in the gradient": planted(
        "slice(padding, size - padding)",
        "slice(0, size - 2 * padding)",
        *OF_CONVOLUTIONS,
    ),
    "pools that overwrite each other": planted(
        "to_windows[place] += g[place]", "to_windows[place] = g[place]", *OF_POOLS
    ),
    "a pool that is not divided": planted(
        "lambda window: 1.0 / window.size", "lambda window: 1.0", "wrong-partial-of-avg_pool"
    ),
    "a pool that gives everyone everything": planted(
        "return is_largest / is_largest.sum()", "return 1.0", "wrong-partial-of-max_pool"
    ),
}

NETWORK_BUGS = {
    name: PlantedArrayBug(name, source, signatures, words, smallest_size=1)
    for name, (source, signatures, words) in _BUGS.items()
}
"""Each bug by its name."""
