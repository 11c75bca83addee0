"""Correct engines as their authors write them: variations of an ordinary one, each with a twin.

A variation is written to a file, as an engine is loaded from its path. Its twin has a bug.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

ORDINARY = """
class Value:
    def __init__(self, data, operands=()):
        self.data = data
        self.grad = 0.0
        self.operands = operands

    def __add__(self, other):
        other = lifted(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        other = lifted(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])

    __radd__ = __add__
    __rmul__ = __mul__

    def send_back(self):
        for operand, partial in self.operands:
            operand.grad += partial * self.grad

    def backward(self):
        self.grad = 1.0
        for node in reversed(ordered(self)):
            node.send_back()


def lifted(other):
    return other if isinstance(other, Value) else Value(other)


def ordered(output):
    order, seen = [], set()

    def visit(node):
        if id(node) not in seen:
            seen.add(id(node))
            for operand, _ in node.operands:
                visit(operand)
            order.append(node)

    visit(output)
    return order
"""
TANH = """
    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, [(self, 1.0 - t * t)])
"""
END_OF_CLASS = "\n\ndef lifted(other):"

SUM = "[(self, 1.0), (other, 1.0)]"
PRODUCT = "[(self, other.data), (other, self.data)]"
SEND = "operand.grad += partial * self.grad"
FIRST_GRADIENT = "self.grad = 0.0"
SEED = "self.grad = 1.0"
NOT_FROM_THE_LEFT = {"__radd__ = __add__": "", "__rmul__ = __mul__": ""}

LOST = ("operand.grad += partial", "operand.grad = partial")
FORGETS_UPSTREAM = (SEND, "operand.grad += partial")
WRONG_SUM = (SUM, "[(self, 1.0), (other, -1.0)]")
WRONG_PRODUCT = (PRODUCT, "[(self, self.data), (other, self.data)]")
WRONG_TANH = ("1.0 - t * t", "1.0 + t * t")


@dataclass(frozen=True, kw_only=True)
class Variation:
    """What is different from the ordinary engine, and the bug of the twin."""

    bug: tuple[str, str]
    changes: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    imports: str = "import math\n"
    methods: str = TANH
    after: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)

    def write(self, file, *, broken=False):
        """Write the engine, or its twin, and the modules beside it."""
        source = ORDINARY.replace(END_OF_CLASS, self.methods + END_OF_CLASS)
        for old, new in (*self.changes.items(), *([self.bug] if broken else [])):
            assert old in source, old
            source = source.replace(old, new)
        for old, new in self.names.items():
            source = re.sub(rf"\b{old}\b", new, source)
        file.parent.mkdir(exist_ok=True)
        file.write_text(self.imports + source + self.after)
        for name, text in self.beside.items():
            (file.parent / name).write_text(text)


def write_variations(folder):
    """Write every correct engine into a folder."""
    for name, variation in VARIATIONS.items():
        variation.write(folder / name)
    return folder


VARIATIONS = {
    # Other names.
    "holds_value.py": Variation(names={"Value": "Scalar", "data": "value"}, bug=WRONG_TANH),
    "holds_val.py": Variation(
        names={"Value": "ScalarValue", "data": "val", "grad": "gradient"}, bug=WRONG_PRODUCT
    ),
    "unusual_names.py": Variation(
        names={
            "Value": "Node",
            "data": "amount",
            "grad": "sensitivity",
            "backward": "run_backwards",
        },
        bug=WRONG_SUM,
    ),
    "backprop.py": Variation(names={"backward": "backprop"}, bug=FORGETS_UPSTREAM),
    "backward_all.py": Variation(
        names={"backward": "backward_all", "send_back": "backward"}, bug=LOST
    ),
    "ln_and_pow.py": Variation(
        names={"__add__": "add", "__mul__": "mul"},
        changes={"other = lifted(other)": "pass", **NOT_FROM_THE_LEFT},
        methods="""
    def pow(self, k):
        partial = 0.0 if k == 0 else k * self.data ** (k - 1)
        return Value(self.data**k, [(self, partial)])

    def ln(self):
        return Value(math.log(self.data), [(self, 1.0 / self.data)])
""",
        bug=("1.0 / self.data", "1.0 / self.data**2"),
    ),
    # Functions of the module beside names that come from elsewhere, which are no operations.
    "module_functions.py": Variation(
        imports="import math\nfrom math import cos, sin\n",
        methods="",
        after="""

def tanh(x):
    t = math.tanh(x.data)
    return Value(t, [(x, 1.0 - t * t)])


def exp(x):
    e = math.exp(x.data)
    return Value(e, [(x, e)])
""",
        bug=LOST,
    ),
    # What the constructor takes.
    "label_second.py": Variation(
        changes={
            "data, operands=()": 'data, label="", operands=()',
            "self.data = data": "self.data, self.label = data, label.upper()",
            ", [(": ", operands=[(",
        },
        bug=("(other, 1.0)", "(other, 0.0)"),
    ),
    "operation_second.py": Variation(
        changes={
            "data, operands=()": "data, op=None, operands=()",
            "self.data = data": "self.data, self.op = data, op",
            SUM: f'"+", {SUM}',
            PRODUCT: f'"*", {PRODUCT}',
            "Value(t, ": 'Value(t, "tanh", ',
        },
        bug=WRONG_SUM,
    ),
    "operands_in_a_list.py": Variation(
        changes={"operands=()": "operands=None", "= operands": "= list(operands or [])"},
        bug=("reversed(ordered(self))", "ordered(self)"),
    ),
    "needs_requires_grad.py": Variation(
        names={"Value": "Tensor"},
        changes={
            "data, operands=()": "data, requires_grad=False, operands=()",
            "self.data = data": "self.data, self.requires_grad = data, requires_grad",
            "return Value(": "return result(",
            FIRST_GRADIENT: "self.grad = None",
            SEND: "operand.receive(partial * self.grad)",
        },
        methods=f"""{TANH}
    def receive(self, gradient):
        if self.requires_grad:
            self.grad = (self.grad or 0.0) + gradient
""",
        after="""

def result(data, operands):
    requires_grad = any(operand.requires_grad for operand, _ in operands)
    return Tensor(data, requires_grad, operands if requires_grad else ())
""",
        bug=("(self.grad or 0.0) + ", ""),
    ),
    # What values and gradients are.
    "arrays_without_dimensions.py": Variation(
        imports="import numpy as np\n",
        changes={
            "self.data = data": "self.data = np.array(data, dtype=np.float64)",
            FIRST_GRADIENT: "self.grad = np.zeros_like(self.data)",
            SEED: "self.grad = np.ones_like(self.data)",
            SEND: "operand.grad = operand.grad + partial * self.grad",
            "math.tanh": "np.tanh",
        },
        bug=("operand.grad + partial", "partial"),
    ),
    "numpy_scalars.py": Variation(
        imports="import numpy as np\n",
        changes={
            "self.data = data": "self.data = np.float64(data)",
            FIRST_GRADIENT: "self.grad = np.float64(0.0)",
            SEED: "self.grad = np.float64(1.0)",
            "math.tanh": "np.tanh",
        },
        bug=FORGETS_UPSTREAM,
    ),
    "whole_gradients.py": Variation(
        changes={
            FIRST_GRADIENT: "self.grad = 0",
            SEED: "self.grad = 1",
            SUM: "[(self, 1), (other, 1)]",
        },
        bug=("1.0 - t * t", "t * t - 1.0"),
    ),
    "gradient_none.py": Variation(
        changes={
            FIRST_GRADIENT: "self.grad = None",
            SEND: "operand.grad = (operand.grad or 0.0) + partial * self.grad",
        },
        bug=WRONG_TANH,
    ),
    "gradient_is_an_object.py": Variation(
        changes={
            FIRST_GRADIENT: "self.grad = None",
            SEED: "self.grad = Value(1.0)",
            SUM: "[(self, Value(1.0)), (other, Value(1.0))]",
            PRODUCT: "[(self, other), (other, self)]",
            "1.0 - t * t": "Value(1.0 - t * t)",
            SEND: """sent = partial * self.grad
            operand.grad = sent if operand.grad is None else operand.grad + sent""",
        },
        bug=("1.0 - t * t", "1.0 - t"),
    ),
    "read_only.py": Variation(
        names={"data": "_data", "grad": "_grad"},
        changes={"class Value:": "class Value:\n    __slots__ = ('data', 'grad', 'operands')\n"},
        after="""

Value.data = property(lambda self: self._data)
Value.grad = property(lambda self: self._grad)
""",
        bug=LOST,
    ),
    # Which plain numbers it takes beside its own.
    "no_numbers_left.py": Variation(changes=NOT_FROM_THE_LEFT, bug=LOST),
    "no_numbers.py": Variation(
        changes={"other = lifted(other)": "pass", **NOT_FROM_THE_LEFT},
        bug=("self.data * other.data", "self.data * other.data + 1.0"),
    ),
    # The caller sets out.grad = 1.0 first.
    "seeded_by_caller.py": Variation(changes={SEED: "pass"}, bug=LOST),
    # With == that compares values there is no hash, and `in` finds another node.
    "overrides_equality.py": Variation(
        changes={"id(node) not in seen": "not any(node is other for other in order)"},
        methods=f"""{TANH}
    def __eq__(self, other):
        return self.data == lifted(other).data
""",
        bug=("node is other", "node == other"),
    ),
    "prints_and_trains.py": Variation(
        imports="import math\nimport os\n",
        changes={SEED: f'print("sending gradients back")\n        {SEED}'},
        after="""

print("drawing with", os.environ["MPLBACKEND"])
weight = Value(0.5)
for step in range(3):
    loss = (weight * 2.0 + -3.0) * (weight * 2.0 + -3.0)
    loss.backward()
    weight = Value(weight.data - 0.1 * weight.grad)
    print("step", step, "loss", loss.data)
""",
        bug=LOST,
    ),
    "with_siblings/engine.py": Variation(
        imports="import math\n\nfrom . import partials\nfrom .partials import of_product\n",
        changes={
            SUM: "[(self, partials.of_sum()), (other, partials.of_sum())]",
            PRODUCT: "[(self, of_product(other)), (other, of_product(self))]",
        },
        beside={
            "__init__.py": "",
            "partials.py": """
def of_sum():
    return 1.0


def of_product(other):
    return other.data
""",
        },
        bug=LOST,
    ),
}
