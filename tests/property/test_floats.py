"""Float operations are faithful, and a slope between their values is one that its bar contains."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from flint import arb, ctx
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradcheck.expression import Apply, Constant, Expression, Input
from gradcheck.finite_difference import FiniteDifference
from gradcheck.formula import parse
from gradcheck.operations import OPERATIONS, Operation
from gradcheck.oracles.arithmetic import rounded, underflow
from gradcheck.oracles.certificate import certify, true_result
from gradcheck.oracles.floats import addition, as_function, in_floats, value_in_floats
from gradcheck.oracles.slope import default_step, moved
from gradcheck.oracles.stepwise import safe_share
from gradcheck.oracles.sweep import result
from gradcheck.precision import BFLOAT16, FLOAT32, FLOAT64
from gradcheck.strategies import cases

PRECISIONS = [FLOAT64, FLOAT32, BFLOAT16, replace(FLOAT32, flush_to_zero=True)]
NAMES = ["float64", "float32", "bfloat16", "flushing"]
EVERY = tuple(OPERATIONS.values())
EXPONENTS = (-3.0, -2.0, -1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 7.0, -0.5, 0.3)
WIDE = st.floats(allow_nan=False, allow_infinity=False) | st.floats(-40.0, 40.0)


@pytest.mark.parametrize("precision", PRECISIONS, ids=NAMES)
@pytest.mark.parametrize("operation", EVERY, ids=lambda operation: operation.name)
def test_a_float_result_is_one_that_a_faithful_engine_may_return(operation, precision):
    function = in_floats(operation, precision)

    @settings(max_examples=150)
    @given(st.tuples(*[WIDE] * operation.variables), st.permutations(EXPONENTS))
    def is_faithful(numbers, exponents):
        parameters = tuple(map(precision.nearest, exponents[: operation.parameters]))
        operands = tuple(map(precision.nearest, numbers))
        assume(all(map(math.isfinite, operands)))
        found = function(*operands, *parameters)
        with ctx.workprec(128):
            balls = result(operation, parameters, rounded(precision))(list(map(arb, operands)))
        assert not math.isfinite(found) or not balls.is_finite() or found in balls

    is_faithful()


@pytest.mark.parametrize("name", ["tanh", "exp", "sigmoid", "**"])
def test_a_float_result_that_is_off_by_more_is_none(name):
    operation = OPERATIONS[name]
    operands = (0.7, 1.5)[: operation.arity]
    enclosed = rounded(FLOAT64).round(true_result(operation, operands), operation.roundings)
    result = in_floats(operation, FLOAT64)(*operands)
    assert result in enclosed
    assert result * (1.0 + 2.0**-48) not in enclosed


def test_an_operation_that_has_to_be_more_accurate_has_no_float_function():
    tanh = OPERATIONS["tanh"]
    assert in_floats(tanh, FLOAT64.with_allowances({"tanh": tanh.roundings})) is not None
    assert in_floats(tanh, FLOAT64.with_allowances({"tanh": 1})) is None


@pytest.mark.parametrize("precision", PRECISIONS, ids=NAMES)
@pytest.mark.parametrize(("x", "y"), [(0.1, 0.7), (-1.0, 1e-9), (3.0, -3.0), (1e30, 1e-30)])
def test_an_addition_is_the_exact_sum_rounded_once(precision, x, y):
    x, y = precision.nearest(x), precision.nearest(y)
    assert addition(precision)(x, y) == precision.nearest(x + y)


@pytest.mark.parametrize("precision", PRECISIONS, ids=NAMES)
def test_an_operation_of_ones_own_has_no_float_function(precision):
    assert in_floats(Operation("twice", lambda x: 2 * x), precision) is None


@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("**", (1e200, 2.0)),
        ("**", (-8.0, 0.5)),
        ("exp", (800.0,)),
        ("sinh", (-800.0,)),
        ("cosh", (800.0,)),
        ("sigmoid", (-800.0,)),
        ("log", (0.0,)),
        ("sqrt", (-1.0,)),
        ("/", (1.0, 0.0)),
        ("sin", (math.inf,)),
    ],
)
def test_what_overflows_or_leaves_a_domain_gives_no_finite_number(name, operands):
    assert not math.isfinite(in_floats(OPERATIONS[name], FLOAT64)(*operands))


def test_an_expression_with_an_operation_of_ones_own_has_no_float_value():
    twice = Operation("twice", lambda x: 2 * x)
    own = Expression((Input("a"), Apply(twice, (0,)), Constant(1.0), Apply(EVERY[0], (1, 2))))
    assert math.isnan(as_function(own, FLOAT64)([3.0]))


@pytest.mark.parametrize(
    ("formula", "value"),
    [("a", 0.1), ("3.5", 3.5), ("a*b", 0.1 * 0.7), ("tanh(a)", math.tanh(0.1)), ("a*a + b", 0.71)],
)
def test_the_value_is_computed_operation_by_operation(formula, value):
    expression = parse(formula, inputs=["a", "b"])
    assert as_function(expression, FLOAT64)([0.1, 0.7]) == value


@given(cases(operations=EVERY, max_ops=6), st.sampled_from(PRECISIONS), st.data())
def test_no_bar_excludes_a_slope_between_float_values(case, precision, data):
    case = precision.nearest_case(case)
    index = data.draw(st.integers(0, len(case.point) - 1))
    step = default_step(case.point[index], precision)
    there = moved(case, index, step, precision)
    assume(there is not None)
    certificate = certify(case, precision)
    values = certificate.value_in_floats, value_in_floats(there, precision)
    assume(all(map(math.isfinite, values)))
    end = FiniteDifference(case, there, index, step, *values, None, certificate)
    assert end.slope.agrees is not False


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 60), st.integers(-9, 9))
def test_a_safe_share_of_a_number_is_less_than_its_operation_may_lose(number, roundings, eighths):
    for precision in (FLOAT64, BFLOAT16):
        share = safe_share(roundings, precision)
        with ctx.workprec(400):
            true = arb(number) + arb(share * abs(number)) * eighths / 8
            allowed = roundings * (arb(precision.unit_roundoff) * abs(true) + underflow(FLOAT64))
            distance = abs(true - number)
            assert distance <= allowed or distance > arb(share * abs(number))


def test_a_share_is_as_large_as_it_can_be_shown_to_be():
    assert safe_share(8, FLOAT64) == Fraction(7, 2**53)
    assert safe_share(1, FLOAT64) == safe_share(0, FLOAT64) == 0.0
    # 2*11*10 units are less than 1 in bfloat16, and 2*12*11 are more.
    assert safe_share(11, BFLOAT16) == 10 * BFLOAT16.unit_roundoff
    assert safe_share(12, BFLOAT16) == safe_share(60, BFLOAT16) == 0.0
