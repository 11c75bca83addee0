"""Bugs of tensors over NumPy, each as a change to the right one in ``tensor.py``.

The survey of public engines is where they are from: what is written in place of what, the operation
to blame, words of the sentence that says what is wrong, and the operations of the smallest program
that shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RIGHT = Path(__file__).with_name("tensor.py").read_text()


@dataclass(frozen=True)
class Bug:
    """A piece of the right engine, what stands there instead, and what has to be said of it.

    ``signatures`` are those that the bug may have, without the operation where any may be blamed.
    ``words`` have to be in what is said of wrong numbers. ``size`` is the number of operations in
    the smallest known program that shows it.
    """

    right: str
    wrong: str
    signatures: tuple[str, ...]
    words: str = ""
    size: int = 1
    also: tuple[tuple[str, str], ...] = ()

    @property
    def source(self) -> str:
        """The text of the broken engine."""
        source = RIGHT
        for right, wrong in ((self.right, self.wrong), *self.also):
            assert right in source
            source = source.replace(right, wrong)
        return source


def bug(
    right: str,
    wrong: str,
    *signatures: str,
    words: str = "",
    size: int = 1,
    also: Sequence[tuple[str, str]] = (),
) -> Bug:
    """Return a bug that may have any of these signatures."""
    return Bug(right, wrong, signatures, words, size, tuple(also))


GIVE = "self.grad = self.grad + summed_to(gradient, self.data.shape)"
ADD = "            self.give(g)\n            other.give(g)\n"
MATMUL_LEFT = "to_left = g @ np.swapaxes(right, -1, -2)"
MATMUL_RIGHT = "to_right = np.swapaxes(left, -1, -2) @ g"
EXPAND = (
    "            if axis is not None and not keepdims:\n"
    "                g = np.expand_dims(g, axis)\n"
    "            self.give(np.broadcast_to(g, self.data.shape))"
)
MATMUL_BODY = RIGHT[
    RIGHT.index("            x, y = self.data, other.data") : RIGHT.index(
        "        return Tensor(self.data @ other.data"
    )
]
MINUS = "        return self + -Tensor.lift(other)\n"
MINUS_OF_ITS_OWN = """        other = Tensor.lift(other)

        def backward(g):
            {left}
            {right}

        return Tensor(self.data - other.data, (self, other), backward)
"""
MAX_MASK = "self.give(g * is_largest / is_largest.sum(axis=axis, keepdims=True))"
UNIT = "np.ones_like(self.data)\n        for node"

BUGS = {
    # Broadcasting
    "broadcasting is not summed back": bug(
        GIVE, "self.grad = self.grad + gradient", "not-summed-of-", words="are not summed"
    ),
    "only new axes are summed": bug(
        "if size == 1 and gradient.shape[axis] != 1:",
        "if False:",
        "not-summed-of-",
        words="are not summed",
    ),
    "addition is not summed": bug(
        ADD,
        "            self.grad = self.grad + g\n            other.grad = other.grad + g\n",
        "not-summed-of-add",
        words="are not summed",
    ),
    "the grand total in place of a sum": bug(
        "gradient = gradient.sum(axis=axis, keepdims=True)",
        "gradient = np.full_like(gradient.sum(axis=axis, keepdims=True), gradient.sum())",
        "not-summed-of-",
        words="summed over too many axes",
    ),
    "the mean in place of a sum over new axes": bug(
        "gradient = gradient.sum(axis=0)",
        "gradient = gradient.mean(axis=0)",
        "not-summed-of-",
        words="the mean",
    ),
    "the mean in place of a sum over axes of size 1": bug(
        "gradient = gradient.sum(axis=axis, keepdims=True)",
        "gradient = gradient.mean(axis=axis, keepdims=True)",
        "not-summed-of-",
        words="the mean",
    ),
    "the first in place of a sum": bug(
        "gradient = gradient.sum(axis=0)",
        "gradient = gradient[0]",
        "not-summed-of-",
        words="the first",
    ),
    # Sums, means and the largest
    "a lost keepdims": bug(
        "            if axis is not None and not keepdims:\n"
        "                g = np.expand_dims(g, axis)\n"
        "            self.give(np.broadcast_to",
        "            self.give(np.broadcast_to",
        "wrong-partial-of-sum",
        "crash-ValueError-of-sum",
        words="transposed",
    ),
    "an axis put back in the wrong place": bug(
        EXPAND,
        EXPAND.replace("expand_dims(g, axis)", "expand_dims(g, -1)"),
        "wrong-partial-of-sum",
        "crash-ValueError-of-sum",
    ),
    "a negative axis put back one too early": bug(
        EXPAND,
        EXPAND.replace(
            "expand_dims(g, axis)",
            "expand_dims(g, axis + 1 if np.ndim(axis) == 0 and axis < -1 else axis)",
        ),
        "wrong-partial-of-sum",
        "crash-ValueError-of-sum",
        "wrong-partial-of-mean",
        "crash-ValueError-of-mean",
    ),
    "several axes at once fail": bug(
        EXPAND,
        EXPAND.replace("expand_dims(g, axis)", "expand_dims(g, int(axis))"),
        "crash-TypeError-of-sum",
    ),
    "keepdims puts the axis back twice": bug(
        "            if axis is not None and not keepdims:\n"
        "                g = np.expand_dims(g, axis)\n"
        "            self.give(np.broadcast_to",
        "            if axis is not None:\n                g = np.expand_dims(g, axis)\n"
        "            self.give(np.broadcast_to",
        "crash-ValueError-of-sum",
        "wrong-partial-of-sum",
    ),
    "a sum that ignores the upstream gradient": bug(
        EXPAND, "            self.give(np.ones_like(self.data))", "forgotten-upstream-of-sum"
    ),
    "a sum with the gradient of a mean": bug(
        "self.give(np.broadcast_to(g, self.data.shape))",
        "self.give(np.broadcast_to(g, self.data.shape) / self.data.size)",
        "wrong-partial-of-sum",
    ),
    "the mean of one more": bug("/ float(count)", "/ float(count + 1)", "wrong-value-of-mean"),
    "a mean over an axis divided by all": bug(
        "self.data.size if axis is None else np.prod(np.take(self.data.shape, axis))",
        "self.data.size",
        "wrong-value-of-mean",
    ),
    "a mean whose gradient is not divided": bug(
        "return self.sum(axis, keepdims) / float(count)",
        "total = self.sum(axis, keepdims)\n        total.data = total.data / float(count)\n"
        "        return total",
        "wrong-partial-of-mean",
        words="what it should be",
    ),
    "the largest one gets nothing": bug(
        MAX_MASK, "self.give(g * 0.0 * is_largest)", "wrong-partial-of-max", words="is zero"
    ),
    "all get the gradient of the largest": bug(
        MAX_MASK, "self.give(g * np.ones_like(self.data))", "wrong-partial-of-max"
    ),
    "every tie gets the whole gradient": bug(
        MAX_MASK, "self.give(g * is_largest)", "unclear-of-", size=2
    ),
    # Matmul
    "a doubled gradient of the right factor": bug(
        MATMUL_RIGHT,
        "to_right = 2.0 * np.swapaxes(left, -1, -2) @ g",
        "wrong-partial-of-matmul",
        words="is twice what it should be",
    ),
    "the right factor is not transposed": bug(
        MATMUL_LEFT,
        "to_left = (g @ right).reshape(left.shape)",
        "wrong-partial-of-matmul",
        "crash-ValueError-of-matmul",
    ),
    "the left factor is not transposed": bug(
        MATMUL_RIGHT,
        "to_right = (left @ g).reshape(right.shape)",
        "wrong-partial-of-matmul",
        "crash-ValueError-of-matmul",
    ),
    "matmul for matrices only": bug(
        MATMUL_BODY,
        "            self.give(g @ other.data.T)\n            other.give(self.data.T @ g)\n\n",
        "crash-ValueError-of-matmul",
        "wrong-partial-of-matmul",
        "wrong-shape-of-matmul",
        "not-summed-of-matmul",
    ),
    "a stack of matrices with .T": bug(
        MATMUL_LEFT,
        "to_left = g @ right.T",
        "crash-ValueError-of-matmul",
        "wrong-partial-of-matmul",
        also=[(MATMUL_RIGHT, "to_right = left.T @ g")],
    ),
    "a broadcast stack is not summed": bug(
        "to_left = summed_to(to_left, left.shape).reshape(x.shape)",
        "to_left = to_left.reshape(x.shape) if to_left.size == x.size else to_left",
        "not-summed-of-matmul",
        also=[
            (GIVE, "self.grad = self.grad + gradient"),
            (
                ADD,
                ADD.replace("(g)", "(summed_to(g, self.data.shape))", 1).replace(
                    "other.give(g)", "other.give(summed_to(g, other.data.shape))"
                ),
            ),
        ],
    ),
    "@ that is np.dot": bug(
        "Tensor(self.data @ other.data",
        "Tensor(np.dot(self.data, other.data)",
        "wrong-value-of-matmul",
        "crash-ValueError-of-matmul",
    ),
    "matmul without upstream": bug(
        MATMUL_LEFT,
        "to_left = np.ones_like(g) @ np.swapaxes(right, -1, -2)",
        "forgotten-upstream-of-matmul",
    ),
    # Moving elements
    "a repeated index is written over": bug(
        "np.add.at(full, index, g)",
        "full[index] = g",
        "overwritten-index-of-index",
        words="occurs twice",
    ),
    "an index that cuts the graph": bug(
        "Tensor(self.data[index], (self,), backward)",
        "Tensor(self.data[index])",
        "wrong-partial-of-index",
        "missing-gradient-of-index",
        words="zero",
    ),
    "an index that starts at 0": bug(
        "np.add.at(full, index, g)",
        "full.ravel()[: g.size] = np.ravel(g)",
        "wrong-partial-of-index",
        "crash-ValueError-of-index",
        words="at the wrong elements",
    ),
    "a transposition that is not inverted": bug(
        "np.argsort(axes) if axes else None",
        "axes if axes else None",
        "wrong-partial-of-transpose",
        "crash-ValueError-of-transpose",
        "wrong-shape-of-transpose",
    ),
    "a transposition that is reshaped back": bug(
        "self.give(g.transpose(back))",
        "self.give(g.reshape(self.data.shape))",
        "wrong-partial-of-transpose",
        words="the gradient of x",
    ),
    "reshape does not reshape back": bug(
        "self.give(g.reshape(self.data.shape))",
        "self.give(g)",
        "crash-",
        "wrong-shape-of-reshape",
        "not-summed-of-reshape",
        "wrong-partial-of-reshape",
    ),
    "reshape back by columns": bug(
        "self.give(g.reshape(self.data.shape))",
        'self.give(g.reshape(self.data.shape, order="F"))',
        "wrong-partial-of-reshape",
        words="the gradient of x",
    ),
    "concatenate gives every part the first": bug(
        "            tensor.give(part)\n\n    return Tensor(np.concatenate",
        "            tensor.give(g[tuple(slice(0, n) for n in tensor.data.shape)])\n\n"
        "    return Tensor(np.concatenate",
        "wrong-partial-of-concatenate",
    ),
    "concatenate without parents": bug(
        "(*tensors,), backward)\n\n\ndef stack",
        "())\n\n\ndef stack",
        "wrong-partial-of-concatenate",
        words="zero",
    ),
    "stack takes back along the first axis": bug(
        "np.moveaxis(g, axis, 0), strict=True",
        "g",
        "wrong-partial-of-stack",
        "crash-",
        "wrong-shape-of-stack",
        "not-summed-of-stack",
    ),
    # Numbers and arrays as operands
    "2 - a is a - 2": bug(
        "return Tensor.lift(other) - self",
        "return self - other",
        "wrong-value-of-sub",
        "wrong-value-and-",
    ),
    "2 / a is a / 2": bug(
        "return Tensor.lift(other) / self", "return self / other", "wrong-value-of-div"
    ),
    "a number on the left cuts the graph": bug(
        "    __rmul__ = __mul__",
        "    def __rmul__(self, other):\n        return Tensor(other * self.data)",
        "wrong-partial-of-mul",
        words="zero",
    ),
    # Single operations
    "the upstream gradient is ignored": bug(
        "other.give(g * self.data)",
        "other.give(np.broadcast_to(self.data, g.shape))",
        "forgotten-upstream-of-mul",
        words="out.grad",
    ),
    "multiplication resets its operands": bug(
        "            self.give(g * other.data)",
        "            self.grad = self.grad * 0.0\n            if other is not self:\n"
        "                other.grad = other.grad * 0.0\n"
        "            self.give(g * other.data)",
        "lost-contribution",
        size=2,
    ),
    "subtraction without a minus": bug(
        MINUS,
        MINUS_OF_ITS_OWN.format(left="self.give(g)", right="other.give(g)"),
        "wrong-partial-of-sub",
        words="wrong sign",
    ),
    "a sign of division": bug(
        "other.give(-g * self.data",
        "other.give(g * self.data",
        "wrong-partial-of-div",
        words="wrong sign",
    ),
    "division by the divisor once": bug(
        "/ (other.data * other.data)", "/ other.data", "wrong-partial-of-div"
    ),
    "a sign of negation": bug(
        "lambda g: self.give(-g)",
        "lambda g: self.give(g)",
        "wrong-partial-of-neg",
        words="wrong sign",
    ),
    "a power without its exponent": bug(
        "g * (n * self.data ** (n - 1))", "g * self.data ** (n - 1)", "wrong-partial-of-pow"
    ),
    "an exponent without gradient": bug(
        "            other.give(g * (p * np.log(self.data)))\n",
        "",
        "wrong-partial-of-power",
        words="zero",
    ),
    "the derivative of tanh": bug("1.0 - t * t", "1.0 - t", "wrong-partial-of-tanh"),
    "no gradient of exp": bug(
        "lambda g: self.give(g * e)", "lambda g: None", "wrong-partial-of-exp", words="is zero"
    ),
    "the derivative of log": bug(
        "self.give(g / self.data))", "self.give(g * self.data))", "wrong-partial-of-log"
    ),
    "a sign of sqrt": bug(
        "g / (2.0 * r)", "-g / (2.0 * r)", "wrong-partial-of-sqrt", words="wrong sign"
    ),
    "no sign of abs": bug(
        "g * np.sign(self.data)", "g", "wrong-partial-of-abs", words="wrong sign"
    ),
    "relu passes everything on": bug("g * (self.data > 0.0)", "g", "wrong-partial-of-relu"),
    "an array on the left leaves the graph": bug(
        "    __radd__ = __add__\n",
        "    def __radd__(self, other):\n"
        "        if isinstance(other, np.ndarray):\n"
        "            return Tensor(other + self.data)\n"
        "        return self + other\n",
        "wrong-partial-of-add",
        words="zero",
    ),
    # Gradients as a whole
    "the last use overwrites": bug(GIVE, GIVE.replace("self.grad + ", "", 1), "lost-contribution"),
    "one buffer for two operands": bug(
        GIVE,
        "g = summed_to(gradient, self.data.shape)\n"
        "        if self.grad is None:\n            self.grad = g\n"
        "        elif self.grad.shape:\n            self.grad += g\n"
        "        else:\n            self.grad = self.grad + g",
        "shared-buffer",
        "crash-ValueError",
        size=2,
        also=[("self.grad = np.zeros_like(self.data)", "self.grad = None")],
    ),
    "a gradient of whole numbers": bug(
        GIVE,
        "self.grad = self.grad + summed_to(gradient, self.data.shape).astype(int)",
        "wrong-partial-of-",
        words="whole numbers",
    ),
    "a gradient in float32": bug(
        GIVE,
        GIVE.replace("summed_to(gradient", "summed_to(np.float32(gradient)"),
        "wrong-partial-of-",
        words="float32",
    ),
    "each way back is walked again": bug(
        "elif id(node) not in seen:",
        "elif True:",
        "wrong-order",
        "unclear-of-",
        size=2,
    ),
    "the same operand twice fails": bug(
        "            self.give(g * other.data)",
        '            if self is other:\n                raise ValueError("twice")\n'
        "            self.give(g * other.data)",
        "crash-ValueError-of-mul",
    ),
    "a backward pass that starts with 2": bug(UNIT, "2.0 * " + UNIT, "wrong-seed"),
}
