"""One case under all the witnesses: what each of them says, and the verdict."""

from dataclasses import replace
from pathlib import Path

import micrograd.engine
import pytest

from gradcheck import (
    Case,
    GradientMismatch,
    Kind,
    UnsupportedCaseError,
    array_case,
    assert_gradients,
    check,
    load_engine,
    parse,
)
from gradcheck.engines.loading import load_any_engine
from gradcheck.engines.objects import ObjectEngine
from gradcheck.engines.protocol import Reading, Run
from gradcheck.engines.without_nodes import EngineWithoutNodes
from gradcheck.expression import Apply, Constant, Expression, Input
from gradcheck.kind import Reason
from gradcheck.operations import OPERATIONS
from gradcheck.oracles.symbolic import whole_formula
from gradcheck.selftest.array_zoo import planted_array_bugs
from gradcheck.table import cells

ENGINES = Path(__file__).parents[1] / "engines"


def case(formula, *point):
    return Case(parse(formula), point)


def conclusion(verdict):
    return "\n".join(verdict.report.conclusion)


def misbehaving(name):
    return f"{ENGINES / 'misbehaving.py'}:{name}"


@pytest.mark.parametrize(
    ("engine", "kind"),
    [
        ("RaisesForward", Kind.CRASH),
        ("RaisesBackward", Kind.CRASH),
        ("Exits", Kind.CRASH),
        ("Recursive", Kind.CRASH),
        ("RaisesWhatHasNoText", Kind.CRASH),
        ("ReturnsNan", Kind.NON_FINITE),
        ("NanValue", Kind.NON_FINITE),
        ("NoGradient", Kind.MISSING_GRADIENT),
        ("BackwardDoesNothing", Kind.WRONG_GRADIENT),
        ("NoBackward", Kind.CRASH),
        ("ReturnsText", Kind.CRASH),
        ("TextGradient", Kind.CRASH),
        ("ReturnsFloat", Kind.CRASH),
        ("MutatesInputs", Kind.MUTATED_INPUT),
        ("GivesPairs", Kind.CRASH),
        ("TooLargeForAFloat", Kind.CRASH),
        ("RaisesWhatExits", Kind.CRASH),
        ("RaisesWhatNoTerminalTakes", Kind.CRASH),
        ("GivesArrays", Kind.CORRECT),
        ("NoGradientBeforeBackward", Kind.CORRECT),
        ("DataStays", Kind.CORRECT),
    ],
)
def test_whatever_an_engine_does_ends_in_a_verdict(engine, kind):
    verdict = check(case("a*b", 2.0, 3.0), misbehaving(engine))
    assert verdict.kind is kind
    assert kind.value in str(verdict)


def test_the_same_case_is_correct_for_an_engine_that_behaves():
    assert check(case("a*b", 2.0, 3.0), f"{ENGINES / 'plain.py'}:Value").kind is Kind.CORRECT


@pytest.mark.parametrize("engine", ["GivesPairs", "TooLargeForAFloat"])
def test_what_is_no_number_is_no_error_of_the_engines_own(engine):
    fault = check(case("a*b", 2.0, 3.0), misbehaving(engine)).run.fault
    assert fault.error == "NotANumberError"
    assert "should be a number" in fault.message


def test_an_error_becomes_one_line_that_any_terminal_takes():
    fault = check(case("a*b", 2.0, 3.0), misbehaving("RaisesWhatNoTerminalTakes")).run.fault
    assert str(fault) == "Not_a_word: half a pair: \\ud800\\x1b[31m"


def test_an_engine_may_be_any_callable_even_one_without_a_hash():
    class Maker:
        __hash__ = None
        __add__ = tanh = __mul__ = lambda *_: None

        def __call__(self, number):
            return load_engine("engine.broken:sign_in_product").make(number)

    verdict = check(case("a*b", 2.0, 3.0), ObjectEngine("maker", Maker()))
    assert verdict.signature == "wrong-partial-of-mul"


def test_no_gradient_counts_as_zero_where_the_output_does_not_depend_on_the_input():
    multiply = OPERATIONS["*"]
    unused = Expression((Input("a"), Input("b"), Apply(multiply, (0, 0))))
    verdict = check(Case(unused, (3.0, 5.0)), misbehaving("NoGradient"))
    assert [row.kind for row in verdict.gradient] == [Kind.MISSING_GRADIENT, Kind.CORRECT]


def test_a_crash_says_what_was_raised_and_when():
    verdict = check(case("a*b", 2.0, 3.0), misbehaving("RaisesForward"))
    assert "the forward pass raised RuntimeError: no multiplication" in conclusion(verdict)
    assert verdict.signature == "crash-RuntimeError-of-mul"


def test_an_error_from_a_partial_with_respect_to_a_constant_is_undecided():
    # At zero, a power below one has no derivative, and engines compute it for constants too.
    power = Apply(OPERATIONS["**"], (1, 2))
    nodes = (Input("a"), Constant(0.0), Constant(0.5), power, Apply(OPERATIONS["*"], (0, 3)))
    verdict = check(Case(Expression(nodes), (2.0,)), "engine:Value")
    assert verdict.run.fault.error == "ZeroDivisionError"
    assert verdict.kind is Kind.UNDECIDED


def test_an_error_is_a_crash_where_constants_have_a_derivative():
    verdict = check(case("(a + 0.25)**0.5*4.0*b", 2.0, 3.0), misbehaving("RaisesBackward"))
    assert verdict.kind is Kind.CRASH


def test_small_whole_numbers_leave_no_room_for_rounding():
    verdict = check(case("a*b + c", 2.0, -3.0, 10.0), "engine:Value")
    assert [row.allowed_error for row in verdict.rows] == [0.0] * 4


WITHOUT_NODES = EngineWithoutNodes(load_engine("engine:Value"))


@pytest.mark.parametrize(("formula", "number"), [("tanh(a)", 30.0), ("a*0.3", 5e-324)])
def test_what_cannot_be_decided_end_to_end_is_decided_step_by_step(formula, number):
    verdict = check(case(formula, number), "engine:Value")
    assert {row.kind for row in verdict.rows} == {verdict.kind} == {Kind.CORRECT}
    assert "every step" in verdict.conclusion[0]
    assert check(case(formula, number), WITHOUT_NODES).kind is Kind.UNDECIDED


def test_an_overflow_is_undecided_and_says_why():
    verdict = check(case("n = a*a; tanh(n) + a", 1e200), WITHOUT_NODES)
    assert (verdict.value.kind, verdict.undecided) == (Kind.UNDECIDED, Reason.OVERFLOW)


def test_an_engine_may_raise_where_it_has_to_overflow():
    verdict = check(case("a*a", 1e200), misbehaving("RaisesForward"))
    assert verdict.kind is Kind.UNDECIDED


def test_the_saturated_tail_of_tanh_is_undecided_as_rounding_alone_decides_it():
    verdict = check(case("tanh(a)", 30.0), WITHOUT_NODES)
    assert verdict.gradient[0].undecided is Reason.ILL_CONDITIONED


def test_a_number_below_the_normal_range_is_undecided():
    verdict = check(case("a*0.3", 5e-324), WITHOUT_NODES)
    assert verdict.undecided is Reason.UNDERFLOW


def test_even_where_agreement_proves_nothing_a_wrong_number_is_found():
    verdict = check(case("tanh(a)", 30.0), misbehaving("ReturnsNan"))
    assert verdict.kind is Kind.NON_FINITE


@pytest.mark.parametrize(
    ("engine", "formula", "says"),
    [
        (
            "engine.broken:overwrites_gradient",
            "a*a",
            "slope agrees with the symbolic derivative, so the backward",
        ),
        (f"{ENGINES / 'doubled_product.py'}:Value", "a*a", "the forward pass is wrong"),
    ],
)
def test_the_slope_tells_the_backward_pass_from_the_forward_pass(engine, formula, says):
    verdict = check(case(formula, 3.0), engine)
    assert says in conclusion(verdict)


def test_a_forward_pass_that_is_wrong_beside_the_point_is_found_by_the_slope():
    verdict = check(case("a*b", 1.0, 1.0), f"{ENGINES / 'wrong_off_the_grid.py'}:Value")
    assert verdict.value.kind is Kind.CORRECT
    assert verdict.kind is Kind.WRONG_VALUE
    said = conclusion(verdict)
    assert "the slope disagrees with the symbolic derivative, so values near this point" in said
    assert "The value and backprop agree with the symbolic numbers here." in said
    assert [cells(row)[-1] for row in verdict.rows] == ["correct", *["wrong-value (slope)"] * 2]


def test_a_wrong_value_at_the_point_is_not_said_to_be_one_of_the_slope():
    verdict = check(case("a*a", 3.0), f"{ENGINES / 'doubled_product.py'}:Value")
    assert "near this point" not in conclusion(verdict)
    assert [cells(row)[-1] for row in verdict.rows] == ["wrong-value", "wrong-value (slope)"]


NAN_NEARBY = """
import plain

class Value(plain.Value):
    def __mul__(self, other):
        out = super().__mul__(other)
        out.data = out.data if out.data.is_integer() else float("nan")
        return out
"""


def test_a_value_that_is_nan_beside_the_point_is_said_to_be_one(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ENGINES)
    (tmp_path / "nan_nearby.py").write_text(NAN_NEARBY)
    verdict = check(case("a*b", 1.0, 1.0), f"{tmp_path / 'nan_nearby.py'}:Value")
    assert verdict.kind is Kind.NON_FINITE
    assert "the slope is NaN or infinite, so a value near this point is" in conclusion(verdict)
    assert [cells(row)[-1] for row in verdict.rows] == ["correct", *["non-finite (slope)"] * 2]


def test_a_mismatch_is_an_assertion_error_with_the_table_as_its_message():
    with pytest.raises(AssertionError) as caught:
        assert_gradients(case("a*a", 3.0), "engine.broken:overwrites_gradient")
    assert isinstance(caught.value, GradientMismatch)
    assert str(caught.value) == str(caught.value.verdict)
    assert "wrong-gradient" in str(caught.value)


def test_a_verdict_is_printed_as_the_table():
    text = str(check(case("a*a", 3.0), "engine.broken:overwrites_gradient"))
    first, second, *table = text.splitlines()
    assert (first, second) == ("a*a", "engine.broken:overwrites_gradient at a = 3.0")
    [row] = [line.split() for line in table if line.startswith(" a ")]
    assert (row[:3], row[-1]) == (["a", "3.0", "6.0"], "wrong-gradient")
    assert text.endswith("At fault is the engine as a whole: a contribution is lost.")


def test_the_repr_of_a_verdict_is_short():
    verdict = check(case("a*a", 3.0), "engine.broken:overwrites_gradient")
    assert repr(verdict) == (
        "<Verdict lost-contribution: a*a by engine.broken:overwrites_gradient at a = 3.0>"
    )


def test_the_repr_of_a_verdict_is_one_line_whatever_the_inputs_are_called():
    long = Expression(tuple(Input(f"a\nb{number}") for number in range(500)))
    text = repr(check(Case(long, (1.0,) * 500), "engine:Value"))
    assert "\n" not in text
    assert len(text) < 120


def test_an_engine_can_be_given_as_its_class():
    assert check(case("a*a", 3.0), micrograd.engine.Value).engine == "micrograd.engine:Value"


def test_a_formula_of_constants_is_a_case_too():
    assert check(case("2*3 + tanh(0)"), "engine:Value").kind is Kind.CORRECT
    assert check(case("7"), "engine:Value").value.backprop == 7.0


def chain(operation, length):
    nodes = [Input("a")]
    nodes += [Apply(operation, (i, i) if operation.arity == 2 else (i,)) for i in range(length)]
    return Expression(tuple(nodes))


def test_a_long_chain_is_checked_by_the_chained_route_alone():
    expression = chain(OPERATIONS["tanh"], 20_000)
    assert whole_formula(expression) is None
    verdict = check(Case(expression, (0.5,)), "engine:Value")
    assert not verdict.whole_formula_agrees
    assert not verdict.kind.is_finding


def test_a_graph_whose_formula_is_exponential_is_declined_at_once_by_the_whole_formula():
    expression = chain(OPERATIONS["+"], 1_000)
    assert whole_formula(expression) is None
    assert check(Case(expression, (1.0,)), "engine:Value").gradient[0].kind is Kind.CORRECT


def test_a_small_expression_is_checked_by_both_routes():
    assert check(case("tanh(a)*a", 0.5), "engine:Value").whole_formula_agrees


def test_the_row_of_an_input_has_the_number_that_the_engine_returned():
    verdict = check(case("a*b", 2.0, -3.0), "engine:Value")
    assert [row.backprop for row in verdict.gradient] == [-3.0, 2.0]
    assert check(case("a*0.0", 2.0), "engine:Value").gradient[0].backprop == 0.0


def test_no_gradient_stands_as_zero_where_none_is_needed():
    unused = Expression((Input("a"), Input("b"), Apply(OPERATIONS["*"], (0, 0))))
    verdict = check(Case(unused, (3.0, 5.0)), misbehaving("NoGradient"))
    assert verdict.gradient[1].backprop == 0.0


def test_an_input_that_grew_was_changed_too():
    verdict = check(case("a*-1.0", 2.0), misbehaving("MutatesInputs"))
    assert verdict.kind is Kind.MUTATED_INPUT


def test_where_the_end_of_a_slope_is_no_float_there_is_no_slope():
    largest = 1.7976931348623157e308
    assert check(case("a*1.0", largest), "engine:Value", step=largest).gradient[0].slope is None


def test_where_there_is_no_value_there_is_no_slope_even_if_its_other_end_has_one():
    verdict = check(case("tanh(a)", 400.0), "engine.broken:tanh_overflows", step=-100.0)
    assert verdict.kind is Kind.CRASH
    assert verdict.gradient[0].slope is None


def test_a_run_with_other_constants_than_those_of_the_case_is_not_proved():
    verdict = check(case("a + 3.0", 2.0), "engine:Value")
    assert verdict.is_faithful
    run = Run(5.5, (Reading(2.0, 1.0), Reading(3.5, None), Reading(5.5, 1.0)))
    changed = replace(verdict, run=run)
    assert not changed.is_faithful
    assert changed.kind is Kind.WRONG_VALUE


def test_a_case_of_numbers_is_asserted_on_an_engine_of_arrays():
    assert_gradients(case("tanh(a)*a", 0.5), load_any_engine("gradcheck.engine.broken.tensor"))


def test_a_bug_of_an_engine_of_arrays_shows_in_a_case_of_numbers():
    [bug] = planted_array_bugs("the derivative of tanh")
    with pytest.raises(GradientMismatch, match="At fault is tanh"):
        assert_gradients(case("tanh(a)*a", 0.5), bug.engine)


@pytest.mark.parametrize(
    ("formula", "missing"),
    [("sinh(x)", "sinh"), ("power(x, 2)", "power with a number on the right")],
)
def test_a_case_that_an_engine_of_arrays_cannot_run_is_refused(formula, missing):
    engine = "gradcheck.engine.broken.tensor"
    advice = f":Tensor has no {missing}; `gradcheck engines {engine}:Tensor` shows what it has"
    with pytest.raises(UnsupportedCaseError, match=advice):
        check(array_case(formula, x=[1.0]), engine)


def test_a_case_that_an_engine_of_arrays_can_run_is_checked():
    verdict = check(array_case("exp(x)", x=[1.0]), "gradcheck.engine.broken.tensor")
    assert verdict.kind is Kind.CORRECT
