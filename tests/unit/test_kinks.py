"""Adjoints at a kink: which nodes are at one, and what their sides allow."""

import pytest
import sympy
from flint import arb

from gradcheck import Case, parse
from gradcheck.expression import Apply, Expression, Input
from gradcheck.operations import OPERATIONS, Operation
from gradcheck.oracles.arithmetic import EXACT, OUT_OF_RANGE
from gradcheck.oracles.kinks import adjoints_at_kinks, is_a_choice_of_sides, kinks, sides_differ
from gradcheck.oracles.singular import true_derivative
from gradcheck.oracles.sweep import values


def names_at_kinks(formula, *point):
    expression = parse(formula)
    found = kinks(expression, values(expression, [*map(arb, point)], EXACT))
    return [expression.nodes[position].operation.name for position in found]


def adjoint(formula, *point):
    """Return the adjoint of the first input."""
    expression = parse(formula)
    true = values(expression, [*map(arb, point)], EXACT)
    return adjoints_at_kinks(expression, true, EXACT, kinks(expression, true))[0]


@pytest.mark.parametrize(
    ("formula", "point", "names"),
    [
        ("relu(a)", (0.0,), ["relu"]),
        ("relu(a)", (1e-300,), []),
        ("relu(a) + abs(a*a)", (0.0,), ["relu", "abs"]),
        ("max(a, b)", (2.0, 2.0), ["max"]),
        ("max(a, b)", (2.0, 2.5), []),
        ("tanh(a)*b", (0.0, 0.0), []),
    ],
)
def test_a_node_is_at_a_kink_where_its_partials_jump(formula, point, names):
    assert sorted(names_at_kinks(formula, *point)) == sorted(names)


def test_a_node_that_the_output_does_not_use_is_at_no_kink():
    nodes = (Input("a"), *[Apply(OPERATIONS["relu"], (0,))] * 2)
    assert kinks(Expression(nodes, output=1), [arb(0), arb(0), arb(0)]) == (1,)


@pytest.mark.parametrize("name", ["relu", "abs"])
def test_a_number_that_may_be_on_either_side_is_at_a_kink(name):
    operation = OPERATIONS[name]
    assert sides_differ(operation, (), [arb(0, 1e-9), arb(0, 1e-9)])
    assert not sides_differ(operation, (), [arb(1e-8, 1e-9), arb(1e-8, 1e-9)])
    assert not sides_differ(operation, (), [OUT_OF_RANGE, OUT_OF_RANGE])


def test_one_partial_that_jumps_makes_a_kink_where_the_other_does_not():
    gate = Operation("gate", lambda x, y: sympy.Max(x, 0) * y, arity=2)
    assert sides_differ(gate, (), [arb(0), arb(2), arb(0)])
    assert not sides_differ(gate, (), [arb(0), arb(0), arb(0)])
    assert not sides_differ(gate, (), [arb(1), arb(2), arb(2)])


@pytest.mark.parametrize(
    ("formula", "point", "low", "high"),
    [
        ("relu(a)", (0.0,), 0, 1),
        ("3.0*relu(-a)", (0.0,), -3, 0),
        ("abs(a)", (0.0,), -1, 1),
        ("max(a, b)", (2.0, 2.0), 0, 1),
        ("relu(a) - relu(-a)", (0.0,), 0, 2),
        ("relu(a) + 5.0*a", (0.0,), 5, 6),
    ],
)
def test_an_adjoint_at_a_kink_reaches_from_one_side_to_the_other(formula, point, low, high):
    enclosed = adjoint(formula, *point)
    assert enclosed.contains(arb(low))
    assert enclosed.contains(arb(high))
    assert not enclosed.contains(arb(low) - 2.0**-20)
    assert not enclosed.contains(arb(high) + 2.0**-20)


@pytest.mark.parametrize("nodes", [1, 2, 3, 4])
def test_the_sides_of_up_to_four_nodes_are_combined(nodes):
    ties = "".join(f"n{i + 1} = max(n{i}, n{i}); " for i in range(nodes))
    assert adjoint(f"n0 = a*1.0; {ties}n{nodes}", 2.0) == 1


@pytest.mark.parametrize("number", [0.1, 1e300, -5e-324])
def test_where_both_sides_agree_exactly_the_adjoint_stays_exact(number):
    enclosed = adjoint(f"m = max(a, a); m*{number!r}", 2.0)
    assert enclosed.is_exact()
    assert enclosed == number


def test_the_sides_of_five_nodes_count_as_independent_which_encloses_more():
    ties = "".join(f"n{i + 1} = max(n{i}, n{i}); " for i in range(5))
    enclosed = adjoint(f"n0 = a*1.0; {ties}n5", 2.0)
    assert enclosed.contains(arb(1))
    assert enclosed.rad() > 0.5


BELOW, ABOVE = [arb(0), arb(3), arb(7)], [arb(2), arb(-1), arb(7)]


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_one_share_of_both_sides_is_a_choice_and_two_shares_are_none(share):
    def gradient(first, second):
        return [2.0 * first, 3.0 - 4.0 * second, 7.0]

    assert is_a_choice_of_sides(gradient(share, share), BELOW, ABOVE)
    assert not is_a_choice_of_sides(gradient(share, share + 2.0**-20), BELOW, ABOVE)
    assert not is_a_choice_of_sides(gradient(share - 2.0**-20, share), BELOW, ABOVE)


def test_shares_are_as_uncertain_as_the_numbers_of_the_sides():
    below, above = [arb(0, 2.0**-10), arb(1)], [arb(1), arb(0)]
    assert is_a_choice_of_sides([0.5, 0.5 - 2.0**-12], below, above)
    assert not is_a_choice_of_sides([0.5, 0.5 - 2.0**-8], below, above)


@pytest.mark.parametrize("formula", ["floor(a)*b", "sign(a - 1)*b"])
def test_no_limit_is_looked_for_at_a_jump(formula):
    assert true_derivative(Case(parse(formula), (1.0, 3.0)), 0) is None
