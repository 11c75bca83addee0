"""Verdicts at kinks, at singular points, and where a result leaves the range of the floats."""

import math
from pathlib import Path

import pytest

from gradcheck import (
    Case,
    GradientMismatch,
    GradientUndecided,
    assert_gradients,
    check,
    load_engine,
    parse,
)
from gradcheck.blame.cause import Cause
from gradcheck.comparison import Comparison
from gradcheck.fuzz.depth import chain
from gradcheck.kind import FAIL_ON, Kind, Reason
from gradcheck.operations import OPERATIONS

OWN = f"{Path(__file__).parents[1] / 'engines' / 'four_operands.py'}:Value"
EDGES = Path(__file__).parents[1] / "engines" / "edges.py"


def parse_own(formula):
    load_engine(OWN)  # registers the operations
    return parse(formula)


def judged(formula, *point, engine="Value", **options):
    return check(Case(parse(formula), point), f"{EDGES}:{engine}", **options)


@pytest.mark.parametrize("engine", ["Both", "Neither"])
def test_the_maximum_of_a_number_with_itself_has_one_derivative(engine):
    verdict = judged("max(a, a)", 1.0, engine=engine)
    assert verdict.kind is Kind.WRONG_GRADIENT
    assert verdict.gradient[0].symbolic == 1.0
    assert verdict.signature == "wrong-partial-of-max"


@pytest.mark.parametrize("engine", ["Value", "Halves"])
def test_an_engine_that_takes_sides_has_that_derivative(engine):
    verdict = judged("max(a, a)", 1.0, engine=engine)
    assert (verdict.kind, verdict.gradient[0].backprop) == (Kind.CORRECT, 1.0)


@pytest.mark.parametrize("engine", ["Value", "Halves"])
def test_at_a_tie_each_choice_of_sides_is_accepted_and_not_called_proved(engine):
    verdict = judged("max(a, b)*3.0", 1.0, 1.0, engine=engine)
    assert verdict.kind is Kind.AT_KINK
    assert [row.kind for row in verdict.rows] == [Kind.CORRECT, Kind.AT_KINK, Kind.AT_KINK]
    assert "At a kink of max" in str(verdict)
    assert "proved, every" not in str(verdict)


@pytest.mark.parametrize(("engine", "share"), [("Both", 3.0), ("Neither", 0.0)])
def test_shares_that_do_not_add_up_are_no_choice_of_sides(engine, share):
    verdict = judged("max(a, b)*3.0", 1.0, 1.0, engine=engine)
    assert verdict.kind is Kind.NO_SUBGRADIENT
    assert [row.backprop for row in verdict.gradient] == [share, share]
    assert not verdict.is_finding


def test_sides_that_are_close_to_each_other_are_not_called_proved():
    verdict = judged("100*a + relu(a)", 0.0)
    assert verdict.kind is Kind.AT_KINK
    assert "proved, every" not in str(verdict)


def test_shares_that_do_not_add_up_show_where_the_sides_are_close_to_each_other():
    formula = "100*a + 100*b + max(a, b)"
    assert judged(formula, 1.0, 1.0, engine="Halves").kind is Kind.AT_KINK
    assert judged(formula, 1.0, 1.0, engine="Both").kind is Kind.NO_SUBGRADIENT


@pytest.mark.parametrize("formula", ["largest(a, b, 0.0)", "largest(a, b, b)", "largest(a, b, a)"])
def test_a_tie_of_three_operands_may_be_decided_for_one_of_them(formula):
    verdict = check(Case(parse_own(formula), (1.0, 1.0)), OWN)
    assert verdict.kind is Kind.AT_KINK


@pytest.mark.parametrize("formula", ["largest(a*-1.5, a, 0.0)", "largest(a, a*-1.5, 0.0)"])
def test_what_one_of_three_equal_operands_gives_is_not_wrong(formula):
    verdict = check(Case(parse_own(formula), (0.0,)), OWN)
    assert verdict.kind is Kind.AT_KINK


def test_a_gradient_outside_of_all_sides_is_wrong_at_a_kink_too():
    verdict = judged("m = max(a, a); m*b", 1.0, 1.0, engine="Both")
    assert verdict.kind is Kind.WRONG_GRADIENT


@pytest.mark.parametrize("formula", ["relu(a)", "abs(a)*3.0", "relu(a) - relu(-a)"])
def test_the_gradient_at_a_kink_is_counted_apart(formula):
    assert judged(formula, 0.0).kind is Kind.AT_KINK


@pytest.mark.parametrize("formula", ["relu(a)*0.0", "relu(a)**2.0", "abs(a)*a"])
def test_a_kink_that_changes_nothing_is_no_kink(formula):
    assert judged(formula, 0.0).kind is Kind.CORRECT


@pytest.mark.parametrize(
    ("word", "formula", "point", "engine"),
    [("kink", "max(a, b)", (1.0, 1.0), "Both"), ("singular", "a*a**0.5", (0.0,), "NotANumber")],
)
def test_what_proves_no_fault_is_a_finding_where_it_is_asked_for(word, formula, point, engine):
    kind = FAIL_ON[word]
    verdict = judged(formula, *point, engine=engine, fail_on=[kind])
    assert (verdict.kind, verdict.is_finding) == (kind, True)
    assert verdict.signature.startswith(f"{kind}-of-")
    others = set(FAIL_ON.values()) - {kind}
    assert not judged(formula, *point, engine=engine, fail_on=others).is_finding


def test_a_side_is_no_finding_even_where_kinks_are_to_fail():
    assert not judged("max(a, b)", 1.0, 1.0, fail_on=FAIL_ON.values()).is_finding


def test_a_singular_point_shows_the_true_number_beside_what_the_engine_gave():
    verdict = judged("a*a**0.5", 0.0, engine="NotANumber")
    assert verdict.kind is Kind.SINGULAR
    assert math.isnan(verdict.gradient[0].backprop)
    assert verdict.gradient[0].symbolic == 0.0
    assert "no number at **" in str(verdict)


def test_an_engine_that_has_the_true_number_there_is_correct():
    assert judged("a*a**1.5", 0.0).gradient[0].kind is Kind.CORRECT


@pytest.mark.parametrize(
    ("formula", "value", "derivative"),
    [("sin(a)/a", 1.0, 0.0), ("(exp(a) - 1.0)/a", 1.0, 0.5), ("a/a", 1.0, 0.0)],
)
def test_a_hole_is_filled_by_the_limit(formula, value, derivative):
    verdict = judged(formula, 0.0)
    assert verdict.kind is Kind.SINGULAR  # the engine raises an error
    assert verdict.value.symbolic == value
    assert verdict.gradient[0].symbolic == derivative


@pytest.mark.parametrize(
    ("formula", "number"),
    [("(a**0.5)**2.0", -1.0), ("log(a)", -1.0), ("sqrt(a)", 0.0), ("1/a", 0.0)],
)
def test_outside_of_the_domain_and_at_a_pole_nothing_is_true(formula, number):
    verdict = judged(formula, number)
    assert (verdict.kind, verdict.undecided) == (Kind.UNDECIDED, Reason.DOMAIN)


@pytest.mark.parametrize(
    ("formula", "point", "engine", "culprit"),
    [
        ("a*b", (1e200, 1e200), "Modest", "*"),
        ("a*b", (-1e200, 1e200), "Modest", "*"),
        ("exp(a)", (800.0,), "Vanishing", "exp"),
    ],
)
def test_a_number_is_wrong_where_every_formula_overflows(formula, point, engine, culprit):
    verdict = judged(formula, *point, engine=engine)
    assert verdict.kind is Kind.WRONG_VALUE
    assert abs(verdict.value.symbolic) == math.inf
    assert [operation.name for operation in verdict.blame.operations] == [culprit]
    assert judged(formula, *point).value.kind is Kind.CORRECT


def test_an_infinity_of_the_other_sign_is_wrong():
    certified = judged("exp(a)", 800.0).number_verdicts[0].backprop.certified
    assert Comparison(math.inf, certified).agrees is True
    assert Comparison(-math.inf, certified).agrees is False


def test_a_gradient_that_overflows_is_an_infinity():
    certified = judged("1e200*(1e200*a)", 1e-300).number_verdicts[1].backprop.certified
    assert Comparison(math.inf, certified).agrees is True
    assert Comparison(1.7e308, certified).agrees is False
    assert Comparison(-math.inf, certified).agrees is False


def test_infinities_that_may_cancel_prove_nothing_against_a_nan():
    verdict = judged("s = 1e200*a; 1e200*s - 1e150*s", 1e-300)
    certified = verdict.number_verdicts[1].backprop.certified
    assert Comparison(math.nan, certified).agrees is None
    assert Comparison(1e308, certified).agrees is False


@pytest.mark.parametrize(
    ("formula", "engine", "culprit"),
    [("tanh(exp(a) + b)", "Vanishing", "exp"), ("1/(a*b*b + 1.0)", "Modest", "*")],
)
def test_an_operation_of_an_undecided_case_is_judged_alone(formula, engine, culprit):
    verdict = judged(formula, 800.0, 1e200, engine=engine)
    assert verdict.kind is Kind.WRONG_VALUE
    assert verdict.case.expression.size == 1
    assert verdict.step_of == Case(parse(formula), (800.0, 1e200))
    assert verdict.blame.cause is Cause.WRONG_VALUE
    assert [operation.name for operation in verdict.blame.operations] == [culprit]
    assert "This is a step of" in str(verdict)


def test_an_undecided_case_of_a_correct_engine_stays_undecided():
    verdict = judged("1/(a*b*b + 1.0)", 800.0, 1e200)
    assert (verdict.kind.is_finding, verdict.step_of) == (False, None)


@pytest.mark.parametrize(
    ("engine", "first_words"), [("Recursive", "Depth limit: "), ("Value", "Correct: ")]
)
def test_the_conclusion_about_a_deep_graph_is_about_its_depth(engine, first_words):
    deep = chain(OPERATIONS["+"], 1_500)
    verdict = check(deep, f"{EDGES}:{engine}", whole_formula=False)
    assert verdict.conclusion[0].startswith(first_words)
    assert "kink" not in str(verdict)


def test_a_formula_that_underflows_on_its_way_proves_no_number():
    assert judged("a/b", 1e300, 1e200).gradient[1].kind is Kind.CORRECT
    assert judged("a/b", 1e300, 1e200, engine="Stray").gradient[1].kind is not Kind.CORRECT


def test_a_test_without_a_decided_gradient_fails_with_an_error_of_its_own():
    with pytest.raises(GradientUndecided, match="Undecided"):
        assert_gradients(Case(parse("log(a)"), (-1.0,)), f"{EDGES}:Value")
    with pytest.raises(GradientMismatch):
        assert_gradients(Case(parse("max(a, a)"), (1.0,)), f"{EDGES}:Both")
    assert_gradients(Case(parse("relu(a)"), (0.0,)), f"{EDGES}:Value")
