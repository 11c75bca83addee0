"""Random expressions and points from ``random``, as long runs draw them, without Hypothesis."""

import math
import pkgutil
import random
import subprocess
import sys
from itertools import islice

import pytest
import sympy

import gradcheck
from gradcheck.expression import Case, Constant
from gradcheck.formula import write
from gradcheck.generation.choices import RandomChoices
from gradcheck.generation.expressions import ExpressionGrammar
from gradcheck.generation.stream import POINTS_PER_EXPRESSION, random_expressions
from gradcheck.operations import DEFAULT_OPERATIONS, OPERATIONS, Operation, operations_named
from gradcheck.oracles.floats import as_function
from gradcheck.precision import FLOAT32, FLOAT64, TooLargeError


def drawn(count, *, operations=DEFAULT_OPERATIONS, max_ops=10, seed="0"):
    return [*islice(random_expressions(operations, max_ops=max_ops, seed=seed), count)]


def test_a_seed_draws_the_same_each_time():
    assert drawn(50) == drawn(50)


def test_another_seed_draws_something_else():
    assert drawn(50) != drawn(50, seed="1")


def test_choices_take_every_option_and_no_other():
    choices = RandomChoices(random.Random(0))
    assert {choices.below(3) for _ in range(100)} == {0, 1, 2}
    assert {choices.one_of("abc") for _ in range(100)} == {*"abc"}


def test_each_expression_comes_with_different_points_of_its_inputs():
    for expression, points in drawn(200):
        assert 1 <= len(points) == len(set(points)) <= POINTS_PER_EXPRESSION
        assert {len(point) for point in points} == {len(expression.inputs)}


def test_every_operation_and_every_size_is_drawn():
    expressions = [e for e, _ in drawn(3000, operations=tuple(OPERATIONS.values()), max_ops=6)]
    assert {o for e in expressions for o in e.operations} == {*OPERATIONS.values()}
    assert {e.size for e in expressions} == {*range(7)}


class Listed:
    """Choices from a list, and the simplest ones when it is used up."""

    def __init__(self, *listed):
        self.listed = list(listed)

    def below(self, n):
        return min(self.listed.pop(0), n - 1) if self.listed else 0

    def one_of(self, options):
        return options[self.below(len(options))]


def of_choices(*listed):
    choices = Listed(*listed)
    expression, _ = ExpressionGrammar(DEFAULT_OPERATIONS).draw(choices, 1)
    return write(expression), len(listed) - len(choices.listed)


BEGIN, STOP, GO_ON = 0, 0, 1
ANY_DOMAIN = 63
LAST, BEFORE = 0, 1
ADD, MULTIPLY, TANH = 0, 1, 2


def test_the_simplest_choices_draw_an_input():
    assert of_choices() == ("a", 0)


def test_a_step_goes_with_its_choices_and_what_the_others_share_stays():
    first = GO_ON, LAST, LAST, TANH
    doubled = GO_ON, LAST, LAST, ADD
    shared = GO_ON, LAST, BEFORE, MULTIPLY
    both = of_choices(BEGIN, *first, *doubled, *shared, STOP)
    assert both == ("n1 = tanh(a); n1*(n1 + n1)", 14)
    assert of_choices(BEGIN, *doubled, *shared, STOP) == ("a*(a + a)", 10)


@pytest.mark.parametrize("operation", [ADD, MULTIPLY, TANH])
def test_every_operation_takes_as_many_choices(operation):
    step = GO_ON, LAST, LAST, operation
    assert of_choices(BEGIN, *step, STOP)[1] == 6


def test_a_full_expression_is_followed_by_a_choice_that_stops_a_shorter_one():
    step = GO_ON, LAST, LAST, TANH
    assert of_choices(BEGIN, *step * 10, STOP)[1] == 42
    formula, taken = of_choices(BEGIN, *step * 9, STOP)
    assert (formula.count("tanh"), taken) == (9, 38)


def modules_of(*packages):
    for package in packages:
        [path] = [f"{place}/{package}" for place in gradcheck.__path__][:1]
        yield f"gradcheck.{package}"
        yield from (m.name for m in pkgutil.walk_packages([path], f"gradcheck.{package}."))


def imports_hypothesis(modules):
    program = f"import sys, {', '.join(modules)}; print('hypothesis' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return run.stdout == "True\n"


def test_long_runs_and_the_command_line_do_not_import_hypothesis():
    modules = [*modules_of("cli", "fuzz", "lifecycle", "selftest", "generation")]
    assert {"gradcheck.fuzz.run", "gradcheck.cli.fuzz", "gradcheck.lifecycle.run"} <= {*modules}
    assert not imports_hypothesis(modules)


@pytest.mark.parametrize("module", ["strategies", "gradcheck.conformance.test_random_graphs"])
def test_an_import_of_hypothesis_is_seen(module):
    assert imports_hypothesis([module])


ALL = tuple(OPERATIONS.values())


def values_of(drawn):
    function = as_function(drawn[0], FLOAT64)
    return [function(point) for point in drawn[1]]


@pytest.mark.parametrize("operations", [DEFAULT_OPERATIONS, ALL], ids=["default", "all"])
def test_points_are_inside_the_domains_nearly_always(operations):
    values = [value for each in drawn(500, operations=operations) for value in values_of(each)]
    outside = sum(not math.isfinite(value) for value in values)
    assert outside < len(values) / 32  # the share of expressions that ignore domains


def test_an_operation_that_is_outside_of_its_domain_gives_its_turn_to_another():
    log_and_exp = operations_named("log exp")
    step = GO_ON, LAST, log_and_exp.index(OPERATIONS["log"])
    grammar = ExpressionGrammar(log_and_exp)
    for number, formula in ((2.0, "log(a)"), (-2.0, "exp(a)")):
        expression, points = grammar.draw(Listed(BEGIN, *step, STOP), 1, [(number,)])
        assert write(expression) == formula
        assert points == [(number,)]


def test_a_few_expressions_are_drawn_with_no_regard_to_domains():
    log_and_exp = operations_named("log exp")
    step = GO_ON, LAST, log_and_exp.index(OPERATIONS["log"])
    choices = Listed(ANY_DOMAIN, *step, STOP)
    expression, points = ExpressionGrammar(log_and_exp).draw(choices, 1, [(2.0,), (-2.0,)])
    assert (write(expression), points) == ("log(a)", [(2.0,), (-2.0,)])


def test_points_outside_of_a_domain_are_dropped():
    step = GO_ON, LAST, 0
    grammar = ExpressionGrammar(operations_named("log"))
    points = [(1.0,), (-1.0,), (3.0,)]
    _, inside = grammar.draw(Listed(BEGIN, *step, STOP), 1, points)
    assert inside == [(1.0,), (3.0,)]


def test_where_no_operation_is_inside_its_domain_all_points_are_kept():
    step = GO_ON, LAST, 0
    grammar = ExpressionGrammar(operations_named("log"))
    expression, points = grammar.draw(Listed(BEGIN, *step, STOP), 1, [(-1.0,), (-2.0,)])
    assert (write(expression), points) == ("log(a)", [(-1.0,), (-2.0,)])


def test_an_operation_without_a_float_function_is_drawn_too():
    softplus = Operation("softplus", lambda x: sympy.log(1 + sympy.exp(x)))
    expressions = [e for e, _ in drawn(50, operations=(softplus, OPERATIONS["log"]))]
    assert {softplus} < {o for e in expressions for o in e.operations}


def test_exponents_are_whole_or_not_and_an_int_or_a_float():
    expressions = [e for e, _ in drawn(500, operations=operations_named("**"))]
    exponents = [node.value for e in expressions for node in e.nodes if isinstance(node, Constant)]
    assert {2, 7, -3, 13, 0.5, 2.5} <= set(exponents)
    assert {type(number) for number in exponents if number == 7} == {int, float}


@pytest.mark.parametrize("magnitude", [3.0, 1e300])
def test_numbers_are_in_the_range_of_the_precision(magnitude):
    stream = random_expressions(ALL, max_ops=10, magnitude=magnitude, precision=FLOAT32, seed="0")
    for expression, points in islice(stream, 200):
        for point in points:
            FLOAT32.nearest_case(Case(expression, point))


def test_numbers_for_float64_are_beyond_a_shorter_format():
    stream = random_expressions(ALL, max_ops=10, seed="0")
    cases = [
        Case(expression, point) for expression, points in islice(stream, 200) for point in points
    ]
    with pytest.raises(TooLargeError):
        [*map(FLOAT32.nearest_case, cases)]
