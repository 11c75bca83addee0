"""Scripts of findings on arrays call the engine's own functions and layers, in its own words."""

import math
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from gradcheck import array_case, check
from gradcheck.findings.script.reproduction import reproduction
from gradcheck.findings.store import save
from gradcheck.generation.array_programs import random_cases
from helpers.array_shapes import changed
from helpers.findings import finding_of
from helpers.network_formulas import RIGHT, other
from helpers.processes import run_python

X = [[1.0, -2.0, 3.0], [0.5, 4.0, -1.5]]
Y = [[0.0, 1.0, 1.0], [2.0, 2.0, 2.0]]

WEIGHTS = [[1.0, 2.0, -1.0], [3.0, 0.5, 2.0]]

CHOICE = array_case("where(x * 2.0 > y, x, y)", x=X, y=Y)
WITH_A_NUMBER = array_case("where(x > 0.75, x, 0.5)", x=X)
BY_ARRAY = array_case("where([True, False, True], x, 0.5)", x=[1.0, 2.0, 3.0])
OF_LAYER = array_case("layer_norm(x, axis=-1, eps=1e-5)", x=X, weights=WEIGHTS)
OF_BATCH = array_case("batch_norm(x, eps=1e-5)", x=np.array(X).T, weights=np.array(WEIGHTS).T)
LOSS = array_case("cross_entropy(x, (0, 2))", x=X)
ERROR = array_case("mse(x, y)", x=X, y=Y)
IMAGE = array_case("conv2d(x, k, stride=1, padding=1)", x=[[X]], k=[[[[2.0]]]])
POOL = array_case("max_pool(x, (2, 2))", x=[[X]])

AS_TENSOR = (
    "def where(condition, a, b):\n",
    "def where(c, a, b):\n    condition = c.data > 0.5\n\n",
)
BETWEEN = ("def where(condition, a, b):\n", "def where(a, condition, b):\n")
FILLED = (
    "def where(condition, a, b):\n",
    "def masked_fill(b, condition, value):\n    a = Tensor(value)\n\n",
)
SCALED = (
    "def layer_norm(x, eps=1e-5):\n    return normalized(x, -1, eps)",
    "def layer_norm(x, gamma, beta, eps=1e-5):\n    return normalized(x, -1, eps) * gamma + beta",
)


def as_layer(function, layer, size):
    """Return a definition, and what it is replaced by to be that of a layer."""
    return (
        f"def {function}(",
        f"class {layer}:\n    def __init__(self{size}):\n        self.f = other_{function}\n\n"
        f"    def __call__(self, *inputs):\n        return self.f(*inputs)\n\n\n"
        f"def other_{function}(",
    )


SPELLED = {
    "where(n3.data > y.data, n3, y)": ((), array_case("n = x * 2.0; where(n > y, n, y)", x=X, y=Y)),
    "where((x * 2.0).data > y.data, x, y)": ((), CHOICE),
    "where(x.data > 0.75, x, Tensor(np.array(0.5)))": ((), WITH_A_NUMBER),
    "where(np.array([True, False, True]), x, Tensor(np.array(0.5)))": ((), BY_ARRAY),
    "where(Tensor(((x * 2.0).data > y.data).astype(float)), x, y)": ((AS_TENSOR,), CHOICE),
    "where(x, (x * 2.0).data > y.data, y)": ((BETWEEN,), CHOICE),
    "masked_fill(x, ~(x.data > 0.75), 0.5)": ((FILLED,), WITH_A_NUMBER),
    "layer_norm(x, Tensor(np.array([1.0, 1.0, 1.0])), Tensor(": ((SCALED,), OF_LAYER),
    "BatchNorm1d(2)(x)": ((as_layer("batch_norm", "BatchNorm1d", ", size"),), OF_BATCH),
    "LayerNorm(3)(x)": ((as_layer("layer_norm", "LayerNorm", ", size"),), OF_LAYER),
    "CrossEntropyLoss()(x, np.array([0, 2]))": (
        (as_layer("cross_entropy", "CrossEntropyLoss", ""),),
        LOSS,
    ),
    "MSELoss()(x, y)": ((as_layer("mse_loss", "MSELoss", ""),), ERROR),
    "conv2d(x, k, stride=1, padding=1)": ((), IMAGE),
    "max_pool2d(x, 2)": ((), POOL),
}
"""The code of an operation, with how the engine spells it and a case of it."""

DOUBLED = (
    "        self.grad = self.grad + summed_to(gradient, self.data.shape)",
    "        self.grad = self.grad + 2.0 * summed_to(gradient, self.data.shape)",
)

WRONG_TWICE = other(
    DOUBLED, ("Tensor(self.data * other.data, ", "Tensor(2.0 * self.data * other.data, ")
)
"""An engine whose value and gradients are wrong."""


@pytest.mark.parametrize("code", SPELLED)
def test_a_script_is_the_engines_own_code_and_fails_until_it_is_mended(load, code):
    spellings, case = SPELLED[code]
    right = other(*spellings)
    verdict = check(case, load(changed(DOUBLED, source=right)))
    folder = save(finding_of(verdict), Path("reports"))
    script = folder / "repro.py"
    assert code in script.read_text()
    broken = run_python(script, folder=Path.cwd())
    assert broken.returncode == 1
    assert "\nAssertionError: " in broken.stderr
    load(right)
    mended = run_python(script, folder=Path.cwd())
    assert (mended.returncode, mended.stderr) == (0, "")


def fails_until_mended(load, case, broken):
    """Tell whether the script of a case fails on a broken engine, and passes on the right one."""
    folder = save(finding_of(check(case, load(broken))), Path("reports"))
    before = run_python(folder / "repro.py", folder=Path.cwd())
    load(RIGHT)
    mended = run_python(folder / "repro.py", folder=Path.cwd())
    return "\nAssertionError: " in before.stderr and (mended.returncode, mended.stderr) == (0, "")


@pytest.mark.parametrize("name", ["value", "low", "np", "float"])
def test_an_input_may_have_a_name_that_the_script_uses_itself(load, name):
    case = array_case(f"{name} * y * z", **{name: 3.0}, y=[0.1, 5.0], z=[0.3, 7.0])
    assert fails_until_mended(load, case, WRONG_TWICE)


@pytest.mark.parametrize(
    ("formula", "name"),
    [
        ("where(where > 0.75, where, 0.5)", "where"),
        ("max_pool(max_pool2d, (2, 2))", "max_pool2d"),
        ("Tensor * Tensor", "Tensor"),
    ],
)
def test_an_input_may_have_a_name_that_the_script_imports(load, formula, name):
    case = array_case(formula, **{name: [[X]]})
    assert fails_until_mended(load, case, changed(DOUBLED, source=RIGHT))


def test_the_code_of_random_programs_computes_what_was_run_bit_for_bit(load):
    engine = load(RIGHT)
    operations, missing = sorted(engine.array_operations), engine.missing_forms
    for case in islice(random_cases(operations, missing_forms=missing, seed="written"), 100):
        code, run = engine.code(case), engine.run(case)
        names = {"np": np}
        exec(RIGHT, names)
        exec("\n".join(code.passes), names)
        written = [np.asarray(eval(gradient, names)) for gradient in code.gradients]
        assert all(map(np.array_equal, written, run.gradients))


def without_tanh(engine, **others):
    """Return an engine without its function for tanh, and with others."""
    functions = {name: each for name, each in engine.functions.items() if name != "tanh"}
    return replace(engine, functions=functions | others)


def test_a_function_that_refuses_an_object_without_numbers_has_no_code(load):
    case = array_case("tanh(x)", x=[1.0])
    assert load(RIGHT).code(case) is not None
    assert without_tanh(load(RIGHT), tanh=math.tanh).code(case) is None


def test_an_operation_that_the_engine_lacks_has_no_code(load):
    assert without_tanh(load(RIGHT)).code(array_case("tanh(x)", x=[1.0])) is None


@pytest.mark.parametrize(("length", "has_code"), [(20, True), (2000, False)])
def test_a_chain_that_is_too_long_to_be_written_down_has_no_code(load, length, has_code):
    chain = "; ".join(f"n{i} = tanh(n{i - 1})" for i in range(1, length))
    case = array_case(f"n0 = x + 1.0; {chain}; n{length - 1}", x=[1.0])
    assert (load(RIGHT).code(case) is not None) == has_code


def test_a_result_that_is_a_plain_number_has_no_code(load):
    assert load(RIGHT).code(array_case("2.0", x=[1.0])) is None


def test_a_script_that_calls_replay_says_why():
    verdict = check(array_case("tanh(x)", x=[1.0]), "autograd[arrays=yes]")
    assert (
        "# This case cannot be written with the engine's own functions alone, so gradcheck itself "
        "judges it.\n" in reproduction(verdict)
    )
