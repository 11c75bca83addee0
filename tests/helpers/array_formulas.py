"""Right engines of arrays that compute with other formulas than ``engine/broken/tensor.py``."""

from gradcheck.engine.broken.array_bugs import RIGHT
from helpers.array_shapes import changed, named

FORMULAS = {
    "mean as a sum times 1/n": changed(("/ float(count)", "* (1.0 / float(count))")),
    "mean by numpy": changed(
        (
            "return self.sum(axis, keepdims) / float(count)",
            "\n        def backward(g):\n"
            "            if axis is not None and not keepdims:\n"
            "                g = np.expand_dims(g, axis)\n"
            "            self.give(np.broadcast_to(g, self.data.shape) / count)\n\n"
            "        result = self.data.mean(axis=axis, keepdims=keepdims)\n"
            "        return Tensor(result, (self,), backward)",
        )
    ),
    "division by a power": changed(
        (
            "        other = Tensor.lift(other)\n\n        def backward(g):\n"
            "            self.give(g / other.data)",
            "        return self * Tensor.lift(other) ** -1\n\n        def backward(g):\n"
            "            self.give(g / other.data)",
        )
    ),
    "division by the quotient": changed(
        (
            "-g * self.data / (other.data * other.data)",
            "-g * (self.data / other.data) / other.data",
        )
    ),
    "division by a square": changed(
        ("-g * self.data / (other.data * other.data)", "-g * self.data / other.data**2")
    ),
    "subtraction of its own": changed(
        (
            "return self + -Tensor.lift(other)",
            "other = Tensor.lift(other)\n\n"
            "        def backward(g):\n            self.give(g)\n            other.give(-g)\n\n"
            "        return Tensor(self.data - other.data, (self, other), backward)",
        )
    ),
    "subtraction by minus 1": changed(
        ("self + -Tensor.lift(other)", "self + Tensor.lift(other) * -1")
    ),
    "matmul by einsum": changed(
        (
            "to_left = g @ np.swapaxes(right, -1, -2)",
            'to_left = np.einsum("...ij,...kj->...ik", g, right)',
        ),
        (
            "to_right = np.swapaxes(left, -1, -2) @ g",
            'to_right = np.einsum("...ji,...jk->...ik", left, g)',
        ),
    ),
    "a gradient added to in place": changed(
        ("self.grad = self.grad + summed_to", "self.grad += summed_to"),
        ("self.grad = np.ones_like(self.data)\n", "self.grad += np.ones_like(self.data)\n"),
    ),
    "one buffer, never changed": changed(
        ("self.grad = np.zeros_like(self.data)", "self.grad = None"),
        (
            "self.grad = self.grad + summed_to(gradient, self.data.shape)",
            "g = summed_to(gradient, self.data.shape)\n"
            "        self.grad = g if self.grad is None else self.grad + g",
        ),
    ),
    "the derivative of tanh by cosh": changed(("1.0 - t * t", "1.0 / np.cosh(self.data) ** 2")),
    "a sum over ones": changed(
        ("self.give(np.broadcast_to(g, self.data.shape))", "self.give(g * np.ones_like(self.data))")
    ),
    "the identity in place of indices": changed(
        (
            "np.add.at(full, index, g)",
            "places = np.ravel(np.arange(full.size).reshape(full.shape)[index])\n"
            "            counted = np.bincount(places, np.ravel(g), full.size)\n"
            "            full = counted.reshape(full.shape)",
        ),
    ),
    "float32": named("float64", "float32"),
    "float32, added to in place": named("float64", "float32").replace(
        "self.grad = self.grad + summed_to", "self.grad += summed_to"
    ),
}
"""The text of a right engine with each of the formulas."""

assert RIGHT not in FORMULAS.values()
