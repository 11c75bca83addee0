"""SymPy formulas as functions of balls: each part by its own rule, and nothing guessed."""

from fractions import Fraction

import pytest
import sympy
from flint import arb, ctx

from gradcheck import Case, parse
from gradcheck.expression import Apply, Expression, Input
from gradcheck.operations import OPERATIONS, Operation
from gradcheck.oracles.arithmetic import rounded
from gradcheck.oracles.balls import Side, compiled
from gradcheck.oracles.symbolic import (
    derivatives_as_text,
    evaluate,
    local_partials,
    whole_formula,
)
from gradcheck.precision import FLOAT64

ROUNDED = rounded(FLOAT64)
X, Y = sympy.symbols("x y", real=True)
UNIT = Fraction(1, 2**53) * (1 + Fraction(1, 2**10))  # an engine may round twice
UNDERFLOW = Fraction(1, 2**1075)


@pytest.mark.parametrize(
    ("formula", "number"),
    [
        (X, 3),
        (Y, -2),
        (sympy.Integer(7), 7),
        (X + Y + 1, 2),
        (X * Y * 5, -30),
        (X**2, 9),
        (Y**3, -8),
        (sympy.tanh(X - 3), 0),
        (6 / Y, -3),
        (Y**-2, 0.25),
        (sympy.sqrt(X + 1), 2),
        (1 / sympy.sqrt(X + 1), 0.5),
        (sympy.Max(X, Y), 3),
        (sympy.Min(X, Y), -2),
        (sympy.Abs(Y), 2),
        (sympy.sign(Y), -1),
        (sympy.Heaviside(Y), 0),
        (sympy.Piecewise((X, Y > 0), (Y, True)), -2),
        (sympy.Piecewise((X, X >= Y), (Y, True)), 3),
        (sympy.Float(0.25) * X, 0.75),
    ],
)
def test_a_formula_is_evaluated_part_by_part(formula, number):
    assert compiled(formula, [X, Y])([arb(3), arb(-2)]) == number


def test_a_part_that_is_no_exact_number_is_enclosed():
    enclosed = compiled(X**Y + sympy.sin(Y), [X, Y])([arb(3), arb(-2)])
    assert enclosed.contains(arb(1) / 9 + arb(-2).sin())
    assert enclosed.rel_accuracy_bits() > 40


def test_a_ratio_is_enclosed_and_not_rounded_to_a_float():
    with ctx.workprec(128):
        third = compiled(sympy.Rational(1, 3), [])([])
        assert third.contains(arb(1) / 3)
        assert third.rel_accuracy_bits() > 100


@pytest.mark.parametrize(
    "formula", [sympy.gamma(X), sympy.besselj(1, X), sympy.EulerGamma, sympy.I * X]
)
def test_what_balls_are_not_taught_is_an_error_that_names_it(formula):
    with pytest.raises(TypeError, match="no ball arithmetic for"):
        compiled(formula, [X, Y])


@pytest.mark.parametrize("power", [2, 3, 5])
def test_a_power_loses_a_unit_for_each_product_that_it_takes(reaches, power):
    with ctx.workprec(512):
        number = 1 + arb(2) ** -60
        result = compiled(X**power, [X], ROUNDED)([number])
    exact = (1 + Fraction(1, 2**60)) ** power
    assert reaches(result, exact, exact * (power - 1) * UNIT + (power - 1) * UNDERFLOW)


def repeated_sum(additions):
    """The sum of an input with itself, so many times: one operation for each."""
    nodes = [Input("a")]
    nodes += [Apply(OPERATIONS["+"], (i, 0)) for i in range(additions)]
    return Expression(tuple(nodes))


def test_a_formula_of_twenty_operations_is_differentiated_as_a_whole():
    assert evaluate(whole_formula(repeated_sum(20)), [0.5]) == [21]
    assert derivatives_as_text(repeated_sum(20)) == ("21",)


def test_a_formula_of_more_operations_is_not_differentiated_as_a_whole():
    assert whole_formula(repeated_sum(21)) is None
    assert derivatives_as_text(repeated_sum(21)) is None


def chosen_from(count, choice):
    text = "x0"
    for number in range(1, count + 1):
        text = f"{choice}({text}, x{number})"
    return parse(text)


@pytest.mark.parametrize("choice", ["max", "largest"])
def test_a_formula_that_chooses_often_is_not_differentiated_as_a_whole(monkeypatch, choice):
    monkeypatch.setitem(OPERATIONS, "largest", Operation("largest", sympy.Max, arity=2))
    assert whole_formula(chosen_from(6, choice)) is not None
    assert whole_formula(chosen_from(7, choice)) is None


def test_a_constant_is_the_float_that_it_is_and_is_shown_as_it_was_written():
    expression = parse("a*0.1 + a*2")
    with ctx.workprec(128):
        [derivative] = evaluate(whole_formula(expression), [1.0])
        assert derivative.contains(arb(0.1) + 2)
        assert not derivative.contains(arb(21) / 10)
    assert derivatives_as_text(expression) == ("2.1",)


def test_what_the_output_does_not_use_is_not_part_of_the_formula():
    nodes = (Input("a"), Input("b"), Apply(OPERATIONS["*"], (0, 0)), Apply(OPERATIONS["+"], (1, 1)))
    unused = Case(Expression(nodes, output=2), (3.0, 5.0))
    assert evaluate(whole_formula(unused.expression), unused.point) == [6, 0]


def test_a_partial_by_a_formula_is_allowed_what_its_operation_is(reaches):
    # At zero every step of 1 - t*t is exact, and what is left is the operation's own allowance.
    [partial] = local_partials(OPERATIONS["tanh"], (), ROUNDED)
    assert reaches(partial([arb(0), arb(0)]), Fraction(1), 8 * (UNIT + UNDERFLOW))


def test_a_partial_that_is_an_operand_is_that_operand():
    by_x, by_y = local_partials(OPERATIONS["*"], (), ROUNDED)
    arguments = [arb(2, 0.5), arb(3, 0.25), arb(6)]
    assert by_x(arguments) is arguments[1]
    assert by_y(arguments) is arguments[0]


def test_what_is_no_number_anywhere_is_not_differentiated_as_a_whole():
    nowhere = parse("max(1/(a - a), b)")
    assert whole_formula(nowhere) is None
    assert derivatives_as_text(nowhere) is None
    somewhere = parse("max(1/(a + a), b)")
    assert whole_formula(somewhere) is not None
    assert derivatives_as_text(somewhere) is not None


def test_a_derivative_with_more_digits_than_python_writes_has_no_text():
    assert derivatives_as_text(parse("a*8e242**20")) is None


@pytest.mark.parametrize("exponent", [0.1, -0.7, 1.3])
def test_a_long_exponent_does_not_keep_sympy_busy(exponent):
    function = whole_formula(parse(f"tanh(a**{exponent})"))
    assert function is not None
    (derivative,) = evaluate(function, [2.0])
    power = arb(2) ** arb(exponent)
    assert derivative.overlaps((1 - power.tanh() ** 2) * arb(exponent) * power / 2)
    assert derivative.rel_accuracy_bits() > 40


def test_a_partial_loses_what_its_formula_and_its_operation_may_and_no_more(reaches):
    by_a, _ = local_partials(OPERATIONS["/"], (), ROUNDED)
    with ctx.workprec(512):
        enclosed = by_a([arb(1), arb(3), arb(1) / 3])
    third = Fraction(1, 3)
    reciprocal, units = 2 * (third * UNIT + UNDERFLOW), OPERATIONS["/"].roundings
    own = units * ((third + reciprocal) * UNIT + UNDERFLOW)
    assert reaches(enclosed, third, reciprocal + own)


@pytest.mark.parametrize(("side", "share"), [(Side.ABOVE, 1), (Side.BELOW, 0)])
def test_a_partial_of_one_side_may_lose_the_roundings_of_a_share(reaches, side, share):
    [partial] = local_partials(OPERATIONS["relu"], (), ROUNDED, side)
    assert reaches(partial([arb(0), arb(0)]), Fraction(share), share * 3 * (UNIT + UNDERFLOW))


def test_a_partial_at_a_kink_encloses_both_sides_unless_one_is_asked_for():
    [partial] = local_partials(OPERATIONS["relu"], (), ROUNDED)
    at_kink = partial([arb(0), arb(0)])
    assert (at_kink.contains(arb(0)), at_kink.contains(arb(1))) == (True, True)
    assert partial([arb(2), arb(2)]) == 1
