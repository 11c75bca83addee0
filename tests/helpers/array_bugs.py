"""Bugs of tensors over NumPy, each as a change to the right one in ``tests/engines/tensor.py``.

The survey of public engines is where they are from: what is written in place of what, the operation
to blame, and words of the sentence that says what is wrong.
"""

from dataclasses import dataclass
from pathlib import Path

RIGHT = (Path(__file__).parents[1] / "engines" / "tensor.py").read_text()


@dataclass(frozen=True)
class Bug:
    """A piece of the right engine, what stands there instead, and the signature that follows."""

    right: str
    wrong: str
    signature: str
    words: str = ""

    @property
    def source(self):
        """The text of the broken engine."""
        assert self.right in RIGHT
        return RIGHT.replace(self.right, self.wrong)


BUGS = {
    "a repeated index is written over": Bug(
        "np.add.at(full, index, g)",
        "full[index] = g",
        "overwritten-index-of-index",
        "occurs twice",
    ),
    "broadcasting is not summed back": Bug(
        "self.grad = self.grad + summed_to(gradient, self.data.shape)",
        "self.grad = self.grad + gradient",
        "not-summed-of-",
        "are not summed",
    ),
    "the grand total in place of a sum": Bug(
        "gradient = gradient.sum(axis=axis, keepdims=True)",
        "gradient = np.full_like(gradient.sum(axis=axis, keepdims=True), gradient.sum())",
        "not-summed-of-",
        "summed over too many axes",
    ),
    "a lost keepdims": Bug(
        "if axis is not None and not keepdims:", "if False:", "wrong-partial-of-sum", "transposed"
    ),
    "a doubled gradient of the right factor": Bug(
        "to_right = np.swapaxes(left, -1, -2) @ g",
        "to_right = 2.0 * np.swapaxes(left, -1, -2) @ g",
        "wrong-partial-of-matmul",
        "is twice what it should be",
    ),
    "the last use overwrites": Bug(
        "self.grad = self.grad + summed", "self.grad = summed", "lost-contribution"
    ),
    "the upstream gradient is ignored": Bug(
        "other.give(g * self.data)",
        "other.give(np.broadcast_to(self.data, g.shape))",
        "forgotten-upstream-of-mul",
        "out.grad",
    ),
    "the mean of one more": Bug("/ float(count)", "/ float(count + 1)", "wrong-value-of-mean"),
    "the derivative of tanh": Bug("1.0 - t * t", "1.0 - t", "wrong-partial-of-tanh"),
    "no gradient of exp": Bug(
        "lambda g: self.give(g * e)", "lambda g: None", "wrong-partial-of-exp", "is zero"
    ),
    "a sign of division": Bug(
        "other.give(-g * self.data",
        "other.give(g * self.data",
        "wrong-partial-of-div",
        "wrong sign",
    ),
    "reshape does not reshape back": Bug(
        "self.give(g.reshape(self.data.shape))",
        "self.give(g.ravel()[: self.data.size].reshape(-1))",
        "reshape",
    ),
}
