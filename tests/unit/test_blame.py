"""Who is at fault: the operation, and the reason."""

from pathlib import Path

import pytest

from gradcheck import Case, check, parse

ENGINES = Path(__file__).parents[1] / "engines"


def blame(engine, formula, *point):
    return check(Case(parse(formula), point), f"{ENGINES / engine}.py:Value").blame


def names(blame):
    return [operation.name for operation in blame.operations]


def test_a_wrong_local_partial_is_told_from_the_operations_around_it():
    found = blame("imprecise_tanh", "n = tanh(a*b); n*n + n + a", 0.3, 0.7)
    assert (names(found), found.reason) == (["tanh"], "the local partial is wrong")


def test_an_imprecise_partial_stays_imprecise_where_cancellation_makes_it_plainly_wrong():
    formula = "tanh(a) + -0.9999999999*a*b"
    verdict = check(Case(parse(formula), (0.0, 1.0)), f"{ENGINES / 'imprecise_tanh'}.py:Value")
    assert verdict.blame.signature == "imprecise-gradient-of-tanh"


@pytest.mark.parametrize(("formula", "name"), [("a*a", "*"), ("a + a", "+")])
def test_a_lost_contribution_is_blamed_on_the_operation_that_loses_it(formula, name):
    found = blame("counts_square_once", formula, 3.0)
    assert (names(found), found.reason) == ([name], "a contribution is lost")


def test_a_contribution_that_only_a_meeting_of_operations_loses_names_them_all():
    found = blame("loses_what_meets", "a*2 + tanh(a)", 0.5)
    assert set(names(found)) == {"*", "tanh"}
    assert found.signature == "wrong-gradient-of-mul-or-tanh"


def test_the_wrong_order_is_nobodys_local_partial():
    found = blame("breadth_first", "n = tanh(a); n + (n + n)", 0.5)
    assert (found.operations, found.what) == ((), "order")


def test_a_wrong_value_is_blamed_on_the_first_operation_that_makes_one():
    found = blame("doubled_product", "tanh(a*b + a)", 0.5, 0.25)
    assert (names(found), found.reason) == (["*"], "the value is wrong")


def test_a_forward_pass_that_is_wrong_beside_the_point_is_blamed_too():
    found = blame("wrong_off_the_grid", "a*b", 1.0, 1.0)
    assert names(found) == ["*"]


def test_the_outputs_own_gradient_is_nobodys_operation():
    assert blame("seed_of_two", "a*b", 1.0, 1.0).signature == "wrong-gradient-output"


def test_nobody_is_blamed_in_a_correct_engine():
    assert blame("plain", "n = tanh(a*b); n*n + n + a", 0.3, 0.7) is None
