"""Array programs mean what NumPy computes, and are written and read back."""

import math
from itertools import islice

import numpy as np
import pytest

from gradcheck.array_checks.checking import check_arrays
from gradcheck.arrays.notation import array_case, parse_program
from gradcheck.arrays.operations import ARRAY_OPERATIONS
from gradcheck.arrays.program_text import write_program
from gradcheck.conformance import array_properties
from gradcheck.conformance.judging import case_of_arrays
from gradcheck.engines.arrays.driving import FunctionArrays
from gradcheck.engines.arrays.libraries import library_arrays
from gradcheck.formula import FormulaError
from gradcheck.generation.array_programs import random_cases
from gradcheck.oracles.certificate import certify
from helpers.array_meanings import IN_NUMPY


class Numpy:
    """NumPy's forward pass, and no backward pass."""

    def settings(self):
        return np.errstate(all="ignore")

    def array(self, array):
        return array

    def value_and_gradient(self, function, arrays):
        return function(*arrays), [np.zeros(array.shape) for array in arrays]


NUMPY = FunctionArrays("numpy", Numpy(), IN_NUMPY)


def cases(operations, count=150, seed="a"):
    return islice(random_cases([*operations], seed=seed), count)


@pytest.mark.parametrize("name", sorted(IN_NUMPY))
def test_an_operation_means_what_numpy_computes(name):
    values = [check_arrays(case, NUMPY).value for case in cases([name, "*", "sum"])]
    assert [value for value in values if value.kind.is_finding] == []
    assert sum(value.kind.is_proof for value in values) > 100


PROPERTIES = [
    *(array_properties.EVERY_ELEMENT, array_properties.BROADCASTING, array_properties.REDUCTIONS),
    *(array_properties.MATMUL, array_properties.MOVING, array_properties.SHARING_ARRAYS),
    array_properties.WITH_CONSTANTS,
]


@pytest.mark.parametrize("formula", [formula for group in PROPERTIES for formula in group])
def test_a_property_of_the_conformance_suite_has_a_bound_for_each_number(formula):
    case = case_of_arrays(formula).elements
    certificate = certify(case)
    gradient = [certificate.adjoints[index] for index in range(len(case.point))]
    for number in (certificate.values[case.expression.output], *gradient):
        assert number.in_range
        assert not number.at_kink


@pytest.mark.parametrize("name", ["max", "min", "logsumexp"])
def test_an_axis_without_elements_has_no_largest_one(name):
    assert parse_program(f"{name}(x, axis=1)", {"x": (0, 3)}).shape == (0,)
    with pytest.raises(FormulaError, match="zero-size array"):
        parse_program(f"{name}(x, axis=0)", {"x": (0, 0)})


def test_another_meaning_does_not_agree_with_numpy():
    other = FunctionArrays("numpy", Numpy(), {**IN_NUMPY, "mean": np.sum})
    verdicts = [check_arrays(case, other) for case in cases(["mean", "*"])]
    assert any(verdict.value.kind.is_finding for verdict in verdicts)


def test_every_operation_that_is_not_on_single_elements_has_a_second_meaning():
    others = {name for name, row in ARRAY_OPERATIONS.items() if row.elementwise is None}
    assert others <= IN_NUMPY.keys()


def test_a_program_that_is_written_and_read_is_the_same():
    for case in cases(ARRAY_OPERATIONS, 500):
        text = write_program(case.program)
        shapes = {x.name: x.shape for x in case.program.inputs}
        again = parse_program(text, shapes)
        assert write_program(again) == text
        assert again.shape == case.program.shape
        assert again.expression(case.weights).size == case.elements.expression.size


def test_a_case_prints_as_what_makes_it():
    for case in cases(ARRAY_OPERATIONS, 100, seed="b"):
        again = eval(repr(case), {"array_case": array_case, "numpy": np})
        assert again.values == case.values
        assert again.weights == case.weights


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("x @", "is not a formula in Python's syntax"),
        ("softplux(x)", "there is no array operation"),
        ("x + w", "w has no array; those that have one: x, y"),
        ("x @ y", "matmul of shapes (2, 3) and (2,)"),
        ("sum(x, axis=7)", "axis 7 of an array of 2 dimensions"),
        ("x[5]", "index 5 is out of bounds"),
        ("x['a']", "is no index"),
        ("x", "nothing is done with it"),
        ("exec('1')", "there is no array operation"),
        ("sum(x, axis='a')", "is no axis or shape"),
        ("sum(x, colour=1)", "colour"),
        ("dot(x, [[[1], [1], [1]]])", "dot: with stacked matrices on the right"),
        ("dot(x)", "matmul takes 2 operands, not 1"),
        ("flip(x)", "flip needs a value that fits for: axis"),
        ("tanh(x, y)", "tanh"),
        ("var(x, ddof=6)", "var of 6 elements with ddof=6"),
        ("cross_entropy(x, [0, 3])", "cross_entropy of shape (2, 3) with labels (0, 3)"),
        ("outer(x, y)", "outer of shapes (2, 3) and (2,)"),
        ("conv1d(x, y)", "conv1d of shapes (2, 3) and (2,)"),
        ("max_pool(y, (3,))", "window shape cannot be larger"),
        ("max_pool(y, (0,))", "windows of size (0,)"),
        ("pad(x, ((1, 1),), 2)", "pad needs two numbers for each of 2 axes"),
        ("split(x, 2, axis=1, part=0)", "does not result in an equal division"),
        ("swapaxes(x, 0, 2)", "two axes of an array of 2 dimensions are swapped"),
        ("tril(y)", "a triangle of an array of 1 dimensions"),
        ("batch_norm(y)", "batch_norm of an array of 1 dimensions"),
        ("x[[True, False, True]]", "boolean index did not match"),
        ("x[[[True], [True, False]]]", "is no index"),
    ],
)
def test_a_mistake_in_a_formula_is_one_line(formula, message):
    with pytest.raises(FormulaError) as caught:
        parse_program(formula, {"x": (2, 3), "y": (2,)})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_rows_of_different_lengths_are_refused():
    with pytest.raises(FormulaError, match="x is no array of numbers"):
        array_case("sum(x)", x=[[1.0], [1.0, 2.0]])


def arrays_of(spec):
    package = spec.partition(":")[0]
    pytest.importorskip(package, reason=f"{package} is not installed")
    return library_arrays(spec, spec)


@pytest.mark.parametrize("spec", ["autograd", "mygrad", "tensorflow", "tensorflow:float32"])
def test_a_library_is_not_accused_of_anything_in_smooth_programs(spec):
    engine = arrays_of(spec)
    names = ["+", "*", "-", "tanh", "exp", "sum", "mean", "matmul", "transpose", "reshape", "index"]
    drawn = random_cases(names, seed="c", missing_forms=engine.missing_forms)
    verdicts = [check_arrays(case, engine) for case in islice(drawn, 300)]
    assert [verdict for verdict in verdicts if verdict.is_finding] == []
    numbers = [number for verdict in verdicts for number in verdict.number_verdicts[1:]]
    assert sum(number.kind.is_decided for number in numbers) > 0.98 * len(numbers)


@pytest.mark.parametrize("library", ["autograd", "mygrad", "jax", "tensorflow"])
def test_the_gradient_of_a_network_is_proved(library):
    generator = np.random.default_rng(1)
    arrays = {
        "x": generator.normal(size=(4, 2)),
        "w": generator.normal(size=(2, 8)),
        "b": generator.normal(size=8),
        "v": generator.normal(size=(8, 1)),
    }
    case = array_case("mean((tanh(x @ w + b) @ v) ** 2)", **arrays)
    verdict = check_arrays(case, arrays_of(library))
    assert verdict.kind.value == "correct"
    assert len(verdict.rows) == 1 + sum(math.prod(array.shape) for array in arrays.values())


def with_gradient(gradient):
    """NumPy's forward pass, and a backward pass that always gives the same number."""

    class Transform(Numpy):
        def value_and_gradient(self, function, arrays):
            return function(*arrays), [np.full(array.shape, gradient) for array in arrays]

    return FunctionArrays("numpy", Transform(), IN_NUMPY)


@pytest.mark.parametrize(("ulps", "is_wrong"), [(0, False), (-1, False), (-1e3, True)])
def test_the_gradient_of_a_sum_of_one_exponential_may_round(ulps, is_wrong):
    case = array_case("sum(logsumexp(x, axis=1))", x=[[0.5], [2.0], [-3.0]])
    assert check_arrays(case, with_gradient(1.0 + ulps * 2.0**-53)).is_finding is is_wrong
