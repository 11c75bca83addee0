"""Shapes that public engines of arrays have, each as a change to ``engine/broken/tensor.py``.

The survey of public engines is where they are from. All of them are right, and differ in names, in
what their methods take, and in what they lack.
"""

import re

from gradcheck.engine.broken.array_bugs import RIGHT


def changed(*pairs, source=RIGHT):
    """Return a source with pieces written in another way, each of which has to be there."""
    for right, other in pairs:
        assert right in source, right
        source = source.replace(right, other)
    return source


def named(pattern, name):
    """Return the source with another name in place of each that matches."""
    return re.sub(pattern, name, RIGHT)


def without(*names, source=RIGHT):
    """Return a source without some methods of the class."""
    lines, kept, skips = source.splitlines(), [], False
    for number, line in enumerate(lines):
        if re.match(r"    (def|@)", line):
            rest = "\n".join(lines[number : number + 2])
            skips = any(f"def {name}(" in rest for name in names)
        elif line and not line.startswith("    "):
            skips = False
        if not skips:
            kept.append(line)
    return "\n".join(kept) + "\n"


ASKS_FOR_GRADIENTS = changed(
    ("data, parents=(), backward=None", "data, requires_grad=False, parents=(), backward=None"),
    (
        "self.parents = parents",
        "self.requires_grad = requires_grad or any(p.requires_grad for p in parents)\n"
        "        self.parents = parents",
    ),
    (
        "        self.grad = self.grad + summed",
        "        if self.requires_grad:\n            self.grad = self.grad + summed",
    ),
    (", (self, other), backward)", ", parents=(self, other), backward=backward)"),
    (", (self,), backward)", ", parents=(self,), backward=backward)"),
    (", (*tensors,), backward)", ", parents=(*tensors,), backward=backward)"),
    (", (self,), lambda", ", parents=(self,), backward=lambda"),
)

NO_GRADIENT_UNTIL_USED = changed(
    ("self.grad = np.zeros_like(self.data)", "self.grad = None"),
    (
        "self.grad = self.grad + summed_to(gradient, self.data.shape)",
        "gradient = summed_to(gradient, self.data.shape)\n"
        "        self.grad = gradient if self.grad is None else self.grad + gradient",
    ),
)

FUNCTIONS = """

def exp(x):
    return x._exp()


def tanh(x):
    return x._tanh()


def log(x):
    return x._log()


def sum(x, axis=None):
    return x._sum(axis)


def matmul(x, y):
    return x._matmul(y)


def reshape(x, shape):
    return x._reshape(shape)


def transpose(x):
    return x._transpose()


def backward(loss):
    loss._backward()
"""

OF_FUNCTIONS = (
    without("T", "mean")
    .replace("__matmul__", "_matmul")
    .replace("def backward(self)", "def _backward(self)")
    + FUNCTIONS
)
for name in ("exp", "tanh", "log", "sum", "reshape", "transpose"):
    OF_FUNCTIONS = OF_FUNCTIONS.replace(f"def {name}(self", f"def _{name}(self")

NUMPYS_DOT = without("__matmul__").replace(
    "    def reshape(",
    """    def dot(self, other):
        x, y = self.data, other.data

        def backward(g):
            rows = x.ndim - 1
            kept = [axis for axis in range(y.ndim) if axis != max(y.ndim - 2, 0)]
            self.give(np.tensordot(g, y, axes=(range(rows, g.ndim), kept)))
            to_other = np.tensordot(x, g, axes=(range(rows), range(rows)))
            other.give(np.moveaxis(to_other, 0, max(y.ndim - 2, 0)))

        return Tensor(np.dot(x, y), (self, other), backward)

    def reshape(""",
)

SUBCLASS = '''
import numpy as np


class Tensor(np.ndarray):
    """An array that knows where it comes from."""

    def __new__(cls, data):
        made = np.array(data, dtype=np.float64).view(cls)
        made.grad = np.zeros(made.shape)
        made.parents = ()
        return made

    @classmethod
    def of(cls, data, *parents):
        made = cls(data)
        made.parents = parents
        return made

    def __add__(self, other):
        if not isinstance(other, Tensor):
            return Tensor.of(np.asarray(self) + other, (self, lambda g: g))
        a, b = np.asarray(self), np.asarray(other)
        return Tensor.of(a + b, (self, lambda g: g), (other, lambda g: g))

    def __mul__(self, other):
        a, b = np.asarray(self), np.asarray(other)
        back = [(self, lambda g: g * b)]
        if isinstance(other, Tensor):
            back.append((other, lambda g: g * a))
        return Tensor.of(a * b, *back)

    __radd__, __rmul__ = __add__, __mul__

    def __matmul__(self, other):
        a, b = np.asarray(self), np.asarray(other)
        if a.ndim != 2 or b.ndim != 2:
            raise ValueError("matrices only")
        return Tensor.of(a @ b, (self, lambda g: g @ b.T), (other, lambda g: a.T @ g))

    def sum(self, axis=None):
        def back(g):
            return np.broadcast_to(g if axis is None else np.expand_dims(g, axis), self.shape)

        return Tensor.of(np.asarray(self).sum(axis=axis), (self, back))

    @property
    def T(self):
        return Tensor.of(np.asarray(self).T, (self, lambda g: g.T))

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for parent, _ in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = np.ones(self.shape)
        for node in reversed(order):
            for parent, back in node.parents:
                g = back(node.grad)
                while g.ndim > parent.ndim:
                    g = g.sum(0)
                for axis, size in enumerate(parent.shape):
                    if size == 1:
                        g = g.sum(axis, keepdims=True)
                parent.grad = parent.grad + g
'''

SCALED = changed(
    (
        "    def __mul__(self, other):\n",
        "    def scaled(self, number):\n"
        "        def backward(g):\n"
        "            self.grad = self.grad + g * number\n\n"
        "        return Tensor(self.data * number, (self,), backward)\n\n"
        "    def __mul__(self, other):\n"
        "        if not isinstance(other, Tensor):\n"
        "            return self.scaled(other)\n",
    )
)

TENSORS_ONLY = changed(("Tensor.lift(other)", "other"))

WALK = RIGHT[
    RIGHT.index("        order, seen = [], set()") : RIGHT.index("        self.grad = np.ones")
]

SHAPES = {
    "as it is": RIGHT,
    "a tape, which keeps what has failed": changed(
        ("class Tensor:\n", "tape = []\n\n\nclass Tensor:\n"),
        ("self.pass_on = backward\n", "self.pass_on = backward\n        tape.append(self)\n"),
        (WALK, ""),
        ("reversed(order):", "reversed(tape):"),
        ("node.pass_on(node.grad)\n", "node.pass_on(node.grad)\n        tape.clear()\n"),
        source=TENSORS_ONLY,
    ),
    "a product by whatever is no tensor": SCALED,
    "a product by whatever is no tensor, in float32": SCALED.replace("float64", "float32"),
    "operands that are tensors, numbers or matrices": changed(
        (
            "        return other if isinstance(other, Tensor) else Tensor(other)\n",
            "        if type(other) is np.ndarray and other.ndim != 2:\n"
            '            raise ValueError("no matrix")\n'
            "        return other if isinstance(other, Tensor) else Tensor(other)\n",
        )
    ),
    "an array on the left makes an array of tensors": changed(
        ("    __array_ufunc__ = None  # NumPy leaves `array + tensor` to __radd__\n\n", "")
    ),
    "operands that are tensors only": TENSORS_ONLY,
    "a class called Variable": named("Tensor", "Variable"),
    "a class called Matrix": named("Tensor", "Matrix"),
    "a class called array": named("Tensor", "array"),
    "a class that derives from ndarray": SUBCLASS,
    "a class with a Parameter": RIGHT + "\n\nclass Parameter(Tensor):\n    pass\n",
    "value": named(r"\.data\b", ".value"),
    "array": named(r"\.data\b", ".array"),
    "values": named(r"\.data\b", ".values"),
    "_data": named(r"\.data\b", "._data"),
    "a method numpy": named(r"\.data\b", "._buffer").replace(
        "    def give", "    def numpy(self):\n        return self._buffer\n\n    def give"
    ),
    "a property over an inner tensor": named(r"\.data\b", "._inner").replace(
        "    def give",
        "    @property\n    def data(self):\n        return Tensor(self._inner)\n\n"
        "    def numpy(self):\n        return self._inner\n\n    def give",
    ),
    "a buffer object": named(r"\.data\b", ".data.array").replace(
        "self.data.array = np.asarray(data, dtype=np.float64)",
        "self.data = Buffer(np.asarray(data, dtype=np.float64))",
    )
    + "\n\nclass Buffer:\n    def __init__(self, array):\n        self.array = array\n",
    "_grad": named(r"\.grad\b", "._grad"),
    "no gradient until it is used": NO_GRADIENT_UNTIL_USED,
    "a gradient that is a number at first": changed(
        ("self.grad = np.zeros_like(self.data)", "self.grad = 0")
    ),
    "a gradient that is a tensor": named(r"\.grad\b", "._gradient").replace(
        "    def give",
        "    @property\n    def grad(self):\n        return Tensor(self._gradient)\n\n    def give",
    ),
    "a gradient only where it is asked for": ASKS_FOR_GRADIENTS,
    "a gradient unless it is not wanted": ASKS_FOR_GRADIENTS.replace(
        "requires_grad=False, parents", "requires_grad=True, parents"
    ),
    "float32": named("float64", "float32"),
    "backward of a single number only": changed(
        (
            "        order, seen",
            '        if self.data.size != 1:\n            raise ValueError("not a single number")\n'
            "        order, seen",
        )
    ),
    "backward with a seed": changed(
        ("def backward(self)", "def backward(self, gradient)"),
        ("self.grad = np.ones_like(self.data)\n", "self.grad = self.grad + gradient\n"),
    ),
    "backward with a seed that is a tensor": changed(
        ("def backward(self)", "def backward(self, gradient)"),
        ("self.grad = np.ones_like(self.data)\n", "self.grad = self.grad + gradient.data\n"),
    ),
    "backward from a gradient that was set": changed(
        ("        self.grad = np.ones_like(self.data)\n", "")
    ),
    "sum with dim and keepdim": changed(
        ("def sum(self, axis=None, keepdims=False):", "def sum(self, dim=None, keepdim=False):"),
        (
            "        def backward(g):\n            if axis",
            "        axis, keepdims = dim, keepdim\n\n"
            "        def backward(g):\n            if axis",
        ),
        (
            "def mean(self, axis=None, keepdims=False):",
            "def mean(self, dim=None, keepdim=False):\n        axis, keepdims = dim, keepdim",
        ),
    ),
    "sum with an axis by position": changed(
        (
            "def sum(self, axis=None, keepdims=False):",
            "def sum(self, axis=None, keepdims=False, /):",
        )
    ),
    "sum without keepdims": changed(
        (
            "def sum(self, axis=None, keepdims=False):",
            "def sum(self, axis=None):\n        keepdims = False\n",
        ),
        ("def mean(self, axis=None, keepdims=False):", "def mean(self, axis=None):"),
        ("self.sum(axis, keepdims)", "self.sum(axis)"),
    ),
    "a sum that takes an axis": changed(
        (
            "def sum(self, axis=None, keepdims=False):",
            "def sum(self, axis):\n        keepdims = False\n",
        ),
        source=without("mean"),
    ),
    "sum of everything only": without("mean").replace(
        "def sum(self, axis=None, keepdims=False):",
        "def sum(self):\n        axis, keepdims = None, False\n",
    ),
    "no sum": without("sum", "mean")
    .replace("def backward(self)", "def backward(self, gradient)")
    .replace("self.grad = np.ones_like(self.data)\n", "self.grad = self.grad + gradient\n"),
    "dot": changed(("__matmul__", "dot")),
    "a dot that is NumPy's": NUMPYS_DOT,
    "matmul": changed(("__matmul__", "matmul")),
    "reshape with a tuple": changed(
        ("def reshape(self, *shape)", "def reshape(self, shape)"),
        ("self.data.reshape(*shape)", "self.data.reshape(shape)"),
    ),
    "a method T": changed(
        ("    @property\n    def T", "    def T"),
        ("transpose(self, *axes)", "permuted(self, *axes)"),
        ("self.transpose()", "self.permuted()"),
    ),
    "only T": changed(
        ("def transpose(self, *axes)", "def _transpose(self, *axes)"),
        ("self.transpose()", "self._transpose()"),
    ),
    "only transpose": without("T"),
    "transpose with a tuple": changed(
        ("def transpose(self, *axes)", "def transpose(self, axes=())")
    ),
    "only permute": without("T")
    .replace("def transpose(self, *axes)", "def permute(self, *axes)")
    .replace("np.argsort(axes) if axes else None", "np.argsort(axes)"),
    "T that swaps the last two axes": changed(
        (
            "return self.transpose()",
            "axes = list(range(self.data.ndim))\n"
            "        axes[-2:] = axes[:-3:-1]\n"
            "        return self.transpose(*axes)",
        ),
        ("def transpose(self, *axes)", "def permute(self, *axes)"),
        ("self.transpose(*axes)", "self.permute(*axes)"),
    ),
    "functions of the module": OF_FUNCTIONS,
}
"""The text of a right engine of each shape."""
