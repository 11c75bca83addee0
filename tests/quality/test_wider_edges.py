"""Where it is easy to accuse the healthy or to excuse the wrong in the wider vocabulary."""

import math
from functools import reduce
from operator import mul
from pathlib import Path

import pytest
import sympy

from gradcheck import Case, Operation, check, load_engine, parse
from gradcheck.engines.discovery.discover import object_engine
from gradcheck.expression import Apply, Expression, Input
from gradcheck.formula import case
from gradcheck.kind import Kind
from gradcheck.operations import OPERATIONS
from gradcheck.oracles.certificate import certify

EVERYTHING = str(Path(__file__).parents[1] / "engines" / "everything.py")
Value = load_engine(EVERYTHING).make


def engine_with(**methods):
    return object_engine("variation", type("Value", (Value,), methods))


@pytest.mark.parametrize(
    ("formula", "a", "b"),
    [
        ("where(a*a > b*b, a, b)", 1e250, 1e200),
        ("where(exp(a) > exp(b), a, b)", 800.0, 720.0),
    ],
)
def test_two_numbers_that_overflow_are_not_one_number(formula, a, b):
    assert check(case(formula, a=a, b=b), EVERYTHING).kind is Kind.UNDECIDED


def test_a_number_compared_with_itself_is_decided():
    verdict = check(case("n = a*a; where(n > n, 2*a, 3*a)", a=0.1), EVERYTHING)
    assert (verdict.kind, verdict.gradient[0].backprop) == (Kind.CORRECT, 3.0)


def test_a_jump_has_no_derivative_and_two_equal_branches_have():
    assert check(case("where(a > 0, 1, -1)*b", a=0.0, b=1.0), EVERYTHING).kind is Kind.UNDECIDED
    verdict = check(case("where(a > 0, a, 0)", a=0.0), EVERYTHING)
    assert verdict.kind is Kind.AT_KINK


def both_branches(self, other, one, two):
    out = Value.where(self, other, one, two)
    out._partials = (0.0, 0.0, 1.0, 1.0)
    return out


def test_the_sum_of_both_branches_is_no_choice_of_one():
    at_a_tie = case("where(a > 0, 2*a, 3*a)", a=0.0)
    assert check(at_a_tie, EVERYTHING).kind is Kind.AT_KINK
    assert check(at_a_tie, engine_with(where=both_branches)).kind.is_finding


def product_in_order(self, *others):
    return reduce(mul, [self, *others])


@pytest.mark.parametrize(
    "point", [(1.0, 1e300, 1e-200), (1e-200, 1e300, 1.0), (1.0, 1e-200, 1e300)]
)
@pytest.mark.parametrize("factor", ["1e-200", "1e200", "1.0"])
def test_a_product_may_be_differentiated_factor_by_factor(point, factor):
    numbers = dict(zip("abc", point, strict=True))
    verdict = check(case(f"prod(a, b, c)*{factor}", **numbers), engine_with(prod=product_in_order))
    assert not verdict.kind.is_finding


@pytest.mark.parametrize("count", [3, 32, 64])
def test_the_textbook_formula_of_many_exponentials_is_within_the_bound(count):
    names = [f"x{i}" for i in range(count)]
    point = tuple(math.sin(i) for i in range(count))
    expression = parse(f"logsumexp({', '.join(names)})")
    value = certify(Case(expression, point)).values[expression.output]
    largest = max(point)
    naive = largest + math.log(sum(math.exp(x - largest) for x in point))
    assert abs(naive - value.truth) <= value.allowed_error
    assert not abs(naive * (1.0 + 2.0**-40) - value.truth) <= value.allowed_error


def neither(self, other):
    out = Value.max(self, other)
    out._partials = (0.0, 0.0)
    return out


def test_a_row_with_exact_derivatives_has_its_kinks():
    larger = Operation("larger", sympy.Max, arity=2, derivative_ulps=4, roundings=0)
    tie = Case(Expression((Input("a"), Apply(larger, (0, 0)))), (1.0,))
    OPERATIONS["larger"] = larger
    try:
        wrong = object_engine("wrong", type("Value", (Value,), {"larger": neither}))
        right = object_engine("right", type("Value", (Value,), {"larger": Value.max}))
        assert check(tie, wrong).kind is Kind.WRONG_GRADIENT
        assert check(tie, right).kind is Kind.CORRECT
    finally:
        del OPERATIONS["larger"]


def test_a_zero_that_is_exactly_true_is_correct_within_any_bound():
    verdict = check(case("sinc(a)", a=0.0), EVERYTHING)
    assert (verdict.kind, verdict.gradient[0].backprop) == (Kind.CORRECT, 0.0)
