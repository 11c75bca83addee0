"""The engine alone."""

import operator
import subprocess
import sys

import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from engine import Value, trace
from engine.value import _tanh_partial, in_topological_order

UNIT = arb(2.0**-53)


def relative_error(computed, x):
    """In units of roundoff, against 1 - tanh(x)**2 worked out to 2000 bits."""
    with ctx.workprec(2000):
        truth = 1 - arb(x).tanh() ** 2
        return abs(arb(computed) - truth) / truth / UNIT


@given(st.floats(-300.0, 300.0))
def test_the_tanh_derivative_is_accurate_to_4_units_of_roundoff(x):
    assert relative_error(_tanh_partial(x), x) < 4


def test_it_is_so_all_the_way_out_and_all_the_way_down_to_zero():
    points = [n / 4 for n in range(-1200, 1201)] + [2.0**-n for n in range(1075)]
    assert all(relative_error(_tanh_partial(x), x) < 4 for x in points)


@pytest.mark.parametrize("x", [0.0, 5e-324, 1e-8, 0.3, -0.5, 1.0, 18.0, 19.1, 50.0, -300.0])
def test_the_engine_uses_it(x):
    a = Value(x)
    a.tanh().backward()
    assert relative_error(a.grad, x) < 4


@pytest.mark.parametrize("x", [3.0, 18.0, 19.1, 300.0])
def test_the_textbook_formula_is_not_that_accurate(x):
    t = Value(x).tanh().data
    assert not relative_error(1.0 - t * t, x) < 4


def test_the_textbook_formula_is_4_percent_off_at_18_and_0_from_19_1():
    t = Value(18.0).tanh().data
    assert 0.03 < relative_error(1.0 - t * t, 18.0) * UNIT < 0.05
    t = Value(19.1).tanh().data
    assert 1.0 - t * t == 0.0


@pytest.mark.no_cover
def test_a_chain_of_a_million_nodes_goes_forward_and_backward_and_away():
    a = Value(0.5)
    references = sys.getrefcount(a)
    out = a
    for _ in range(1_000_000):
        out = out + 0.0
    out.backward()
    assert (out.data, a.grad) == (0.5, 1.0)
    del out
    assert sys.getrefcount(a) == references


def test_a_square_and_a_double_keep_both_contributions():
    a = Value(3.0)
    (a * a).backward()
    assert a.grad == 6.0
    b = Value(3.0)
    (b + b).backward()
    assert b.grad == 2.0


def test_a_diamond_adds_up_both_ways():
    a = Value(2.0)
    shared = a * 3.0
    (shared * shared + shared).backward()
    assert (shared.grad, a.grad) == (13.0, 39.0)


def test_an_unused_input_has_no_gradient():
    used, unused = Value(2.0), Value(5.0)
    (used * 2.0).backward()
    assert unused.grad == 0.0


def test_an_input_that_is_the_output_has_the_gradient_1():
    a = Value(5.0)
    a.backward()
    assert a.grad == 1.0


def test_leaves_add_up_over_two_passes_and_inner_nodes_do_not():
    a = Value(2.0)
    shared = a * 3.0
    out = shared * shared
    out.backward()
    out.backward()
    assert (out.grad, shared.grad, a.grad) == (1.0, 12.0, 72.0)


def test_two_outputs_over_shared_inputs_add_up():
    a = Value(2.0)
    (a * 3.0).backward()
    (a * 4.0).backward()
    assert a.grad == 7.0


def test_a_value_has_slots_and_keeps_no_function():
    nodes, _ = trace((((Value(2.0) * 3.0 + 1.0) / 7.0) ** 2).exp().tanh().relu())
    assert {node._op for node in nodes} == {"", "*", "+", "/", "**", "exp", "tanh", "relu"}
    assert not any(hasattr(node, "__dict__") for node in nodes)
    assert not any(callable(getattr(node, slot)) for node in nodes for slot in Value.__slots__)


def test_the_values_under_one_come_in_order_the_left_operand_first():
    a, b = Value(2.0), Value(3.0)
    product = b * a
    shared = product + a
    out = shared * shared
    assert in_topological_order(out) == [b, a, product, shared, out]


def test_an_operation_without_a_known_derivative_is_an_error():
    with pytest.raises(KeyError, match="log"):
        Value(0.0, (Value(1.0),), "log").backward()


@pytest.mark.parametrize("operand", ["2", None, [1.0], 1j])
def test_a_value_mixes_with_plain_numbers_only(operand):
    with pytest.raises(TypeError, match="plain numbers only"):
        Value(2.0) + operand


@pytest.mark.parametrize("operand", ["2", None, [1.0], 1j])
@pytest.mark.parametrize("operate", [operator.add, operator.sub, operator.mul, operator.truediv])
def test_no_operator_takes_anything_else_on_either_side(operate, operand):
    with pytest.raises(TypeError):
        operate(Value(2.0), operand)
    with pytest.raises(TypeError):
        operate(operand, Value(2.0))


@pytest.mark.parametrize("exponent", [Value(3.0), "2", None, 1j])
def test_an_exponent_is_a_plain_number(exponent):
    with pytest.raises(TypeError, match="exponent"):
        Value(2.0) ** exponent


def test_a_number_to_the_power_of_a_value_is_refused():
    with pytest.raises(TypeError):
        2.0 ** Value(3.0)


def imported_by(statement):
    command = f"import sys; {statement}; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_the_engine_imports_nothing_of_the_harness():
    assert imported_by("import engine").isdisjoint({"gradcheck", "strategies", "sympy", "flint"})


def test_the_harness_imports_no_engine():
    found = imported_by("import gradcheck.cli, strategies")
    assert {"gradcheck", "strategies"} <= found
    assert "engine" not in found
