"""The engine alone."""

import subprocess
import sys

import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from engine import Value
from engine.value import _tanh_partial

UNIT = arb(2.0**-53)


def relative_error(computed, x):
    """In units of roundoff, against 1 - tanh(x)**2 worked out to 2000 bits."""
    with ctx.workprec(2000):
        truth = 1 - arb(x).tanh() ** 2
        return abs(arb(computed) - truth) / truth / UNIT


@given(st.floats(-300.0, 300.0))
def test_the_tanh_derivative_is_accurate_to_4_units_of_roundoff(x):
    assert relative_error(_tanh_partial(x), x) < 4


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


def test_a_chain_of_a_million_nodes_goes_forward_and_backward():
    a = Value(0.5)
    out = a
    for _ in range(1_000_000):
        out = out + 0.0
    out.backward()
    assert (out.data, a.grad) == (0.5, 1.0)


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
    node = Value(2.0) * 3.0
    assert not hasattr(node, "__dict__")
    assert not any(callable(getattr(node, slot)) for slot in Value.__slots__)


@pytest.mark.parametrize("operand", ["2", None, [1.0], 1j])
def test_a_value_mixes_with_plain_numbers_only(operand):
    with pytest.raises(TypeError, match="plain numbers only"):
        Value(2.0) + operand


def test_an_exponent_is_a_plain_number():
    with pytest.raises(TypeError, match="exponent"):
        Value(2.0) ** Value(3.0)


def imported_by(statement):
    command = f"import sys; {statement}; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_the_engine_imports_nothing_of_the_harness():
    assert imported_by("import engine").isdisjoint({"gradcheck", "strategies", "sympy", "flint"})


def test_the_harness_imports_no_engine():
    found = imported_by("import gradcheck.cli")
    assert {"gradcheck", "strategies"} <= found
    assert "engine" not in found
