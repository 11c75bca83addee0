"""Right engines of arrays of every usual shape load from their path alone, and are not accused."""

from functools import cache
from itertools import islice
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from gradcheck.array_checks.checking import check_arrays
from gradcheck.arrays.forms import forms
from gradcheck.arrays.notation import array_case
from gradcheck.engines.arrays.discovery.discover import array_engine
from gradcheck.engines.arrays.protocol import ArrayEngine
from gradcheck.engines.loading import EngineLoadError, load_any_engine
from gradcheck.generation.array_programs import random_cases
from gradcheck.kind import Kind
from helpers.array_formulas import FORMULAS
from helpers.array_shapes import SHAPES, changed, without

PROGRAMS = 100

NETWORK = Path(__file__).parents[1] / "engines" / "network.py"

EVERYTHING = {
    *("+", "-", "*", "/", "neg", "**", "tanh", "exp", "log", "relu"),
    *("power", "sqrt", "abs", "max", "concatenate", "stack"),
    *("sum", "mean", "matmul", "reshape", "transpose", "index"),
}

WITHOUT = {
    "a class that derives from ndarray": EVERYTHING - {"+", "*", "matmul", "sum", "transpose"},
    "operands that are tensors only": {"mean"},
    "a tape, which keeps what has failed": {"mean"},
    "a sum that takes an axis": {"mean"},
    "sum of everything only": {"mean"},
    "no sum": {"sum", "mean"},
    "functions of the module": {"mean"},
}
"""The operations that an engine does not have."""

OVER_AXES = {"sum over an axis", "sum over a negative axis", "sum over several axes"}

OF_POWER = {"power with a number on the left", "power with a number on the right"}

SIDES = ("left", "right")

OPERANDS = {
    f"{name} with {what} on the {side}"
    for name in "+-*/"
    for what in ("a number", "a NumPy array")
    for side in SIDES
}

MISSING = {
    "a product by whatever is no tensor, in float32": {
        f"* with a NumPy array on the {side}" for side in SIDES
    },
    "operands that are tensors, numbers or matrices": {
        f"{name} with a NumPy array on the {side}" for name in "+-*/" for side in SIDES
    },
    "an array on the left makes an array of tensors": {
        f"{name} with a NumPy array on the left" for name in "+-*/"
    },
    "operands that are tensors only": OPERANDS,
    "a tape, which keeps what has failed": OPERANDS,
    "a class that derives from ndarray": {
        "matmul of one dimension",
        "matmul of stacked matrices",
        "matmul with stacked matrices on the right",
        "sum with keepdims",
        "transpose with axes",
    },
    "sum without keepdims": {"sum with keepdims", "mean with keepdims"},
    "a sum that takes an axis": {"sum with keepdims"},
    "sum of everything only": {*OVER_AXES, "sum with keepdims"},
    "a dot that is NumPy's": {"matmul with stacked matrices on the right"},
    "a method T": {"transpose with axes"},
    "only T": {"transpose with axes"},
    "functions of the module": {"sum with keepdims", "transpose with axes"},
}
"""The forms of its operations that an engine does not have."""


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    @cache
    def loaded(name):
        path = tmp_path_factory.mktemp("engine") / "my_tensor.py"
        path.write_text(SHAPES[name])
        return load_any_engine(str(path))

    return loaded


@cache
def programs(operations, missing_forms, precision):
    drawn = random_cases(
        sorted(operations), missing_forms=missing_forms, precision=precision, seed="1"
    )
    return [*islice(drawn, PROGRAMS)]


@pytest.mark.parametrize("name", SHAPES)
def test_a_class_is_found_with_all_that_it_has(name, load):
    engine = load(name)
    assert isinstance(engine, ArrayEngine)
    assert engine.array_operations == EVERYTHING - WITHOUT.get(name, set())
    assert engine.missing_forms - OF_POWER == MISSING.get(name, set())


@pytest.mark.parametrize("name", SHAPES)
def test_a_right_engine_is_not_accused(name, load):
    engine = load(name)
    cases = programs(engine.array_operations, engine.missing_forms, engine.precision)
    verdicts = [check_arrays(case, engine) for case in cases]
    assert [verdict for verdict in verdicts if verdict.is_finding] == []
    assert sum(verdict.is_decided for verdict in verdicts) > 0.9 * PROGRAMS


def is_same_in_python(case, engine, source):
    """Run a case as it is written down, and tell whether the numbers are those of the engine."""
    code, run = engine.code(case), engine.run(case)
    names = {"np": np}
    exec(source, names)
    with np.errstate(all="ignore"):
        exec("\n".join(code.passes), names)
        value = np.asarray(eval(code.value, names)).item()
    gradients = zip(code.gradients, run.gradients, strict=True)
    return np.array_equal(value, run.value, equal_nan=True) and all(
        gradient is None or np.array_equal(eval(place, names), gradient, equal_nan=True)
        for place, gradient in gradients
    )


@pytest.mark.parametrize("name", SHAPES)
def test_a_case_in_python_computes_what_the_harness_computes(name, load):
    engine = load(name)
    for case in programs(engine.array_operations, engine.missing_forms, engine.precision)[:50]:
        # Over all axes it is written once for each, and only an input shows how many it has.
        written = engine.code(case) is not None
        assert written or name == "a sum that takes an axis", case
        assert not written or is_same_in_python(case, engine, SHAPES[name]), case


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_operations_of_networks_in_python_compute_the_same():
    engine = load_any_engine(str(NETWORK))
    for name in sorted(engine.array_operations):
        drawn = random_cases([name], missing_forms=engine.missing_forms, max_ops=1, seed="1")
        for case in islice(drawn, 10):
            # A choice by numbers that are computed cannot be written down.
            written = engine.code(case) is not None
            assert written or "where with a comparison" in forms(case.program), case
            assert not written or is_same_in_python(case, engine, NETWORK.read_text()), case


def test_without_a_sum_and_without_a_seed_no_gradient_can_be_asked_for(tmp_path):
    path = tmp_path / "my_tensor.py"
    path.write_text(without("sum", "mean"))
    with pytest.raises(EngineLoadError, match="Tensor has no sum with a"):
        load_any_engine(str(path))


NO_PRODUCT = without("__mul__", "__neg__").replace("    __rmul__ = __mul__\n\n", "")
KEEPS_WHAT_WAS_SET = ("        self.grad = np.ones_like(self.data)\n        for", "        for")


def test_an_option_of_the_backward_pass_is_no_gradient_of_the_output(tmp_path):
    path = tmp_path / "my_tensor.py"
    with_option = changed(("backward(self)", "backward(self, keep=False)"), source=NO_PRODUCT)
    path.write_text(with_option)
    with pytest.raises(EngineLoadError, match="no gradient can be asked for"):
        load_any_engine(str(path))
    seeded = ("np.ones_like(self.data)\n        for", "keep\n        for")
    path.write_text(changed(seeded, source=with_option))
    verdict = check_arrays(array_case("x + x", x=[1, 2]), load_any_engine(str(path)))
    assert verdict.kind is Kind.CORRECT


def test_without_a_product_the_gradient_of_the_output_has_to_reach_an_input(tmp_path):
    path = tmp_path / "my_tensor.py"
    path.write_text(NO_PRODUCT)
    with pytest.raises(EngineLoadError, match="no gradient can be asked for"):
        load_any_engine(str(path))
    path.write_text(changed(KEEPS_WHAT_WAS_SET, source=NO_PRODUCT))
    case = array_case("sum(x + x)", x=[1, 2])
    assert check_arrays(case, load_any_engine(str(path))).kind is Kind.CORRECT


@pytest.mark.parametrize(
    "formula",
    ["exp([1.0, 2.0] + 1.0) * x", "x @ ([1.0, 2.0] * [3.0, 4.0])", "exp(2.0 * [1.0]) * x"],
)
def test_a_part_that_has_constants_only_is_made_of_tensors(load, formula):
    assert check_arrays(array_case(formula, x=[1, 2]), load("as it is")).kind is Kind.CORRECT


def test_a_sum_that_does_not_work_is_a_finding(tmp_path):
    path = tmp_path / "my_tensor.py"
    path.write_text(changed(("Tensor(self.data.sum(", "Tensor(self.data.total(")))
    verdict = check_arrays(array_case("x * y", x=[1, 2], y=[3, 4]), load_any_engine(str(path)))
    assert verdict.is_finding
    assert "AttributeError" in verdict.run.fault.error


@pytest.mark.parametrize("name", FORMULAS)
def test_another_formula_is_not_accused(name):
    module = ModuleType("tensor")
    exec(FORMULAS[name], module.__dict__)
    engine = array_engine("tensor:Tensor", module.Tensor, module)
    cases = programs(engine.array_operations, engine.missing_forms, engine.precision)
    assert [case for case in cases if check_arrays(case, engine).is_finding] == []
