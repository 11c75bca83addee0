"""Submissions, as students hand them in: one healthy engine, and what became of it.

Each submission has the status that ``grade`` gives it, and a text that what is wrong begins with or
contains. A bug replaces one piece of the healthy engine.
"""

import json
from dataclasses import dataclass
from pathlib import Path

HEALTHY = """\
import math


class Value:
    def __init__(self, data, _children=()):
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None
        self._prev = set(_children)

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,))

        def _backward():
            self.grad += (1 - t * t) * out.grad

        out._backward = _backward
        return out

    def exp(self):
        e = math.exp(self.data)
        out = Value(e, (self,))

        def _backward():
            self.grad += e * out.grad

        out._backward = _backward
        return out

    def relu(self):
        out = Value(self.data if self.data > 0 else 0.0, (self,))

        def _backward():
            self.grad += (self.data > 0) * out.grad

        out._backward = _backward
        return out

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return (-self) + other

    __radd__ = __add__
    __rmul__ = __mul__

    def backward(self):
        topo, visited = [], set()

        def build(v):
            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build(child)
                topo.append(v)

        build(self)
        self.grad = 1.0
        for v in reversed(topo):
            v._backward()
"""


@dataclass(frozen=True)
class Expected:
    """The status of a submission, and a part of what is wrong."""

    status: str
    wrong: str = ""


RIGHT = Expected("right")

TANH = "        t = math.tanh(self.data)\n"

BUGS = {
    "tanh_derivative.py": ("(1 - t * t)", "(1 - t)", "tanh: "),
    "tanh_sign.py": ("(1 - t * t)", "(t * t - 1)", "tanh: "),
    "tanh_without_upstream.py": ("(1 - t * t) * out.grad", "(1 - t * t)", "tanh: "),
    "tanh_value.py": ("t = math.tanh(self.data)", "t = math.tanh(self.data) * 1.001", "tanh: "),
    "exp_overwrites.py": ("self.grad += e * out.grad", "self.grad = e * out.grad", "exp: "),
    "exp_partial.py": ("self.grad += e * out.grad", "self.grad += self.data * out.grad", "exp: "),
    "exp_value.py": ("e = math.exp(self.data)", "e = 2.718 ** self.data", "exp: "),
    "relu_always.py": ("(self.data > 0) * out.grad", "out.grad", "relu: "),
    "relu_never.py": ("(self.data > 0) * out.grad", "(self.data < 0) * out.grad", "relu: "),
    "mul_own_data.py": ("self.grad += other.data *", "self.grad += self.data *", "*: "),
    "mul_swapped.py": ("other.grad += self.data *", "other.grad += other.data *", "*: "),
    "mul_overwrites.py": ("self.grad += other.data *", "self.grad = other.data *", "*: "),
    "mul_one_side.py": ("            other.grad += self.data * out.grad\n", "", "*: "),
    "add_one_side.py": ("            other.grad += out.grad\n", "", "+: "),
    "add_overwrites.py": (
        "            self.grad += out.grad",
        "            self.grad = out.grad",
        "+: ",
    ),
    "add_forgets_upstream.py": ("self.grad += out.grad", "self.grad += 1.0", "+: "),
    "sub_is_add.py": ("return self + (-other)", "return self + other", "-: "),
    "rsub_swapped.py": ("return (-self) + other", "return self - other", "-: "),
    "neg_is_twice.py": ("return self * -1", "return self * -2", "neg: "),
    "wrong_seed.py": ("self.grad = 1.0\n        for", "self.grad = 2.0\n        for", "the engine"),
    "start_at_one.py": ("self.grad = 0.0", "self.grad = 1.0", "the engine"),
    "not_reversed.py": ("in reversed(topo)", "in topo", "the engine"),
    "no_topological_order.py": (
        "        for v in reversed(topo):",
        "        for v in sorted(topo, key=lambda v: -len(v._prev)):",
        "",
    ),
    "raises_in_relu.py": ("self.data if self.data > 0 else 0.0", "self.dat", "relu: "),
}
"""A piece of the healthy engine, what a student has in its place, and the start of the blame."""

OTHERS = {
    "healthy.py": (HEALTHY, RIGHT),
    "prints.py": (HEALTHY.replace(TANH, f"        print('tanh', self)\n{TANH}"), RIGHT),
    "trains.py": (
        f"{HEALTHY}\n\nw = Value(0.1)\nfor step in range(2000):\n    w.grad = 0.0\n"
        "    loss = (w * 3 - 1) * (w * 3 - 1)\n    loss.backward()\n    w.data -= 0.01 * w.grad\n"
        "print(w.data)\n",
        RIGHT,
    ),
    "patches_math.py": (
        f"{HEALTHY}\n\ntanh = math.tanh\nmath.tanh = lambda x: tanh(x)\n"
        "for name in ('isfinite', 'isnan', 'exp2', 'ldexp', 'frexp', 'fsum', 'nextafter'):\n"
        "    setattr(math, name, None)\n",
        RIGHT,
    ),
    "hangs_at_import.py": (
        f"{HEALTHY}\n\nwhile True:\n    pass\n",
        Expected("not loaded", "importing it did not end within"),
    ),
    "hangs_in_tanh.py": (
        HEALTHY.replace(TANH, "        while self.data > 0.3: pass\n" + TANH),
        Expected("wrong", "tanh: "),
    ),
    "asks.py": (
        f"{HEALTHY}\n\nn = int(input('How many steps? '))\n",
        Expected("not loaded", "it asks for input"),
    ),
    "needs_a_package.py": (
        f"import surely_not_installed\n{HEALTHY}",
        Expected("not loaded", "there is no module surely_not_installed"),
    ),
    "syntax.py": (
        HEALTHY.replace("def tanh(self):", "def tanh(self)"),
        Expected("not loaded", "Python cannot read syntax.py, line "),
    ),
    "exits_at_import.py": (
        f"{HEALTHY}\n\nimport os\nos._exit(0)\n",
        Expected("not loaded", "importing it ends its process"),
    ),
    "exits_in_relu.py": (
        HEALTHY.replace(
            "        out = Value(self.data if",
            "        import os; os._exit(3)\n        out = Value(self.data if",
        ),
        Expected("wrong", "relu: "),
    ),
    "memory.py": (
        f"{HEALTHY}\n\nkept = []\nwhile len(kept) < 8:\n    kept.append([0.0] * 2**27)\n",
        Expected("not loaded", "memory"),
    ),
    "no_engine.py": ("print('hello')\n", Expected("not loaded", "no class of numbers")),
    "no_backward.py": (
        HEALTHY.replace("def backward(", "def forward("),
        Expected("not loaded", "no class of numbers"),
    ),
    "writes.py": (
        f"{HEALTHY}\n\nimport pathlib\n"
        "for place in ({escape!r}, pathlib.Path.home() / 'own.txt'):\n"
        "    try:\n        pathlib.Path(place).write_text('escaped')\n"
        "    except OSError:\n        pass\n",
        RIGHT,
    ),
    "connects.py": (
        f"{HEALTHY}\n\nimport socket\nsocket.create_connection(('127.0.0.1', {{port}}), 2)\n",
        Expected("not loaded", "it uses the network"),
    ),
    "stays.py": (
        f"{HEALTHY}\n\nimport os, time\nif os.fork() == 0:\n    os.setsid()\n"
        "    time.sleep(600)\n    os._exit(0)\n",
        RIGHT,
    ),
    "two_classes.py": (
        HEALTHY + "\n\n" + HEALTHY.replace("Value", "Other").replace("(1 - t * t)", "(1 - t)"),
        RIGHT,
    ),
}
"""Submissions that are no single bug, with what is expected of them."""


def notebook(*cells):
    """Return the text of a notebook with code cells, and a cell of text before them."""
    made = [{"cell_type": "markdown", "source": ["# My engine"]}]
    made += [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made})


NOTEBOOK_CELLS = (
    "import math\nimport surely_no_plots as plt\n%matplotlib inline\n!pip install numpy\n",
    HEALTHY,
    "%%html\n<b>bold</b>",
    "plt.plot([1, 2, 3])\nplt.show()\n",
    "a = Value(2.0)\nb = (a * a).tanh()\nb.backward()\na.grad\n",
)


def broken(name):
    """Return the healthy engine with one of the bugs."""
    piece, instead, _ = BUGS[name]
    assert HEALTHY.count(piece) >= 1, name
    return HEALTHY.replace(piece, instead, 1)


def write_submissions(folder, names=None, *, escape="", port=0):
    """Write all submissions, or some, into a folder; return what is expected of each file.

    ``escape`` is a file that ``writes.py`` tries to write, and ``port`` the one to connect to.
    """
    folder = Path(folder)
    files = {name: (broken(name), Expected("wrong", BUGS[name][2])) for name in BUGS} | {
        name: (text.replace("{escape!r}", repr(str(escape))).replace("{port}", str(port)), expected)
        for name, (text, expected) in OTHERS.items()
    }
    worse = [NOTEBOOK_CELLS[0], broken("tanh_derivative.py"), *NOTEBOOK_CELLS[2:]]
    files |= {
        "right.ipynb": (notebook(*NOTEBOOK_CELLS), RIGHT),
        "wrong.ipynb": (notebook(*worse), Expected("wrong", "tanh: ")),
        "sibling/engine.py": (f"from operations import hyperbolic\n{sibling()}", RIGHT),
    }
    expected = {}
    for name in names or files:
        text, expected[name] = files[name]
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if path.parent != folder:
            helper = "import math\n\n\ndef hyperbolic(x):\n    return math.tanh(x)\n"
            (path.parent / "operations.py").write_text(helper)
    return expected


def sibling():
    """Return the healthy engine with a function from a file beside it."""
    return HEALTHY.replace("math.tanh", "hyperbolic")
