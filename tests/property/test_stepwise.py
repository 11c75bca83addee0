"""A run is proved step by step if every step is faithful, and only then."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from flint import arb, ctx
from hypothesis import assume, given
from hypothesis import strategies as st

from gradcheck import Case
from gradcheck.expression import Apply, Constant, Expression, Input
from gradcheck.formula import parse
from gradcheck.operations import OPERATIONS, Operation
from gradcheck.operations.operand_names import input_names
from gradcheck.oracles.arithmetic import EXACT
from gradcheck.oracles.certificate import certify
from gradcheck.oracles.contributions import Rule, formulas
from gradcheck.oracles.stepwise import UnprovedStep, is_a_sum, unproved_steps
from gradcheck.oracles.sweep import contribution, on_balls
from gradcheck.oracles.symbolic import definition
from gradcheck.precision import FLOAT32, FLOAT64
from gradcheck.strategies import cases
from helpers.faithful import faithful_run

WITH_FORMULAS = [o for o in OPERATIONS.values() if o.contributions is not None]
SMOOTH = tuple(o for o in WITH_FORMULAS if o.name != "abs")
EXPONENTS = (2.0, 3.0, 7.0, -1.0, -2.0, 0.5, -0.5, 1.5, 1.0, 0.0)
OFF_BY = 2.0**-40
"""Far beyond what any step may lose, and far below what anybody would notice.

A saturated operation is an exception: ``1 - r*r`` may lose all digits as tanh's r approaches 1.
"""


def rules(operation):
    for exponent in EXPONENTS if operation.parameters else (None,):
        parameters = () if exponent is None else (exponent, 2.5)[: operation.parameters]
        for index in range(operation.variables):
            yield Rule(operation, parameters, index)


@pytest.mark.parametrize("operation", WITH_FORMULAS, ids=lambda o: o.name)
@pytest.mark.parametrize(
    "numbers", [(0.75, 1.25, 3.0, -2.0), (3.0, 0.4, 1e3, 7.0), (1e-3, 40.0, -5.0, 0.1)]
)
def test_every_formula_in_use_is_the_derivative_times_the_upstream_gradient(operation, numbers):
    for rule in rules(operation):
        with ctx.workprec(200):
            operands = [arb(x) for x in numbers[: operation.variables]]
            result = definition(operation, rule.parameters)(operands)
            if result.is_nan():
                continue  # outside of the domain
            arguments, g = [*operands, result], arb(0.7)
            derivative = contribution(rule, g, arguments, EXACT)
            in_use = formulas(operation, rule.parameters)[rule.index]
            others = [on_balls(formula, EXACT)(g, arguments) for formula in in_use]
        assert others
        for other in others:
            assert other.overlaps(derivative)
            assert other.rel_accuracy_bits() > 100 or derivative == 0


def test_a_formula_that_is_not_the_derivative_is_told_apart():
    names = ["g", "a", "r"]
    with ctx.workprec(200):
        operand, upstream = arb(0.75), arb(0.7)
        right, wrong = (
            on_balls(parse(text, inputs=names), EXACT)(upstream, [operand, operand.tanh()])
            for text in ("g*(1 - r*r)", "g*(1 - r*a)")
        )
    assert not right.overlaps(wrong)


@given(cases(operations=SMOOTH, max_ops=8), st.randoms(use_true_random=False))
def test_a_run_by_any_formulas_in_any_order_is_proved(case, random):
    simulated = faithful_run(case, random)
    assume(simulated)
    run, _ = simulated
    assert list(unproved_steps(case, run.readings, FLOAT64)) == []


@given(cases(operations=SMOOTH, max_ops=8), st.randoms(use_true_random=False))
def test_a_run_by_any_formulas_stays_in_what_a_faithful_engine_may_return(case, random):
    simulated = faithful_run(case, random)
    assume(simulated)
    run, _ = simulated
    certificate = certify(case)
    for position, (value, adjoint) in enumerate(run.readings):
        if case.expression.used[position]:
            for number, ball in (
                (value, certificate.faithful_values[position]),
                (adjoint, certificate.faithful_adjoints[position]),
            ):
                assert number is None or not ball.is_finite() or ball.contains(arb(number))


def is_saturated(node, reading):
    is_bounded = isinstance(node, Apply) and node.operation.name in ("tanh", "sigmoid")
    return is_bounded and abs(reading.value) > 0.99


@given(cases(operations=SMOOTH, max_ops=8), st.randoms(use_true_random=False), st.data())
def test_a_number_off_by_little_is_a_step_that_is_not_proved(case, random, data):
    simulated = faithful_run(case, random)
    assume(simulated)
    run, terms = simulated
    expression = case.expression
    assume(not any(map(is_saturated, expression.nodes, run.readings)))
    places = [
        (position, is_adjoint)
        for position, node in enumerate(expression.nodes)
        for is_adjoint in (False, True)
        if expression.used[position] and not isinstance(node, Constant)
        if is_adjoint or isinstance(node, Apply)
    ]
    position, is_adjoint = data.draw(st.sampled_from(places))
    number = run.readings[position][is_adjoint]
    size = sum(map(abs, terms[position])) if is_adjoint else abs(number)
    assume(1e-290 < size < 1e290)
    field = "adjoint" if is_adjoint else "value"
    readings = list(run.readings)
    readings[position] = readings[position]._replace(**{field: number + OFF_BY * size})
    off = replace(run, readings=tuple(readings))
    assert UnprovedStep(position, is_adjoint=is_adjoint) in unproved_steps(
        case, off.readings, FLOAT64
    )


@pytest.mark.parametrize("name", ["+", "-", "*", "neg"])
@pytest.mark.parametrize("precision", [FLOAT64, FLOAT32], ids=lambda p: p.name)
def test_the_last_bit_of_a_correctly_rounded_value_is_noticed(name, precision):
    operation = OPERATIONS[name]
    names = input_names(operation.arity)
    expression = Expression((*map(Input, names), Apply(operation, tuple(range(operation.arity)))))
    point = tuple(map(precision.nearest, (0.1, 0.7)))[: operation.arity]
    case = Case(expression, point)
    run, _ = faithful_run(case, _First())
    right = precision.nearest(run.value)
    spacing = math.ldexp(1.0, math.frexp(right)[1] - precision.digits)
    for value, proved in ((right, True), (right + spacing, False), (right - spacing, False)):
        readings = (*run.readings[:-1], run.readings[-1]._replace(value=value))
        changed = replace(run, value=value, readings=readings)
        steps = [s for s in unproved_steps(case, changed.readings, precision) if not s.is_adjoint]
        assert (steps == []) is proved


class _First:
    """Choices that are always the first."""

    def shuffle(self, items):
        pass

    def choice(self, items):
        return items[0]


@pytest.mark.parametrize("seed", [0.0, 0.5, 2.0, -1.0, math.nan])
def test_the_adjoint_of_the_output_is_one(seed):
    case = Case(parse("a*b"), (3.0, 5.0))
    readings = [(3.0, 5.0 * seed), (5.0, 3.0 * seed), (15.0, seed)]
    assert UnprovedStep(2, is_adjoint=True) in unproved_steps(case, readings, FLOAT64)


@pytest.mark.parametrize("off_by", [1.0, -1.0])
def test_an_adjoint_that_does_not_start_from_zero_is_not_proved(off_by):
    case = Case(parse("a*b"), (3.0, 5.0))
    readings = [(3.0, 5.0 + off_by), (5.0, 3.0), (15.0, 1.0)]
    assert list(unproved_steps(case, readings, FLOAT64)) == [UnprovedStep(0, is_adjoint=True)]


@pytest.mark.parametrize("precision", [FLOAT64, FLOAT32], ids=lambda p: p.name)
@pytest.mark.parametrize("adjoint", [0.0, 3.0, 1.0, 2.0, -2.0, 5.0])
def test_an_adjoint_without_one_of_its_contributions_is_not_proved(adjoint, precision):
    case = Case(parse("a*3.0 + a"), (2.0,))
    readings = [(2.0, adjoint), (3.0, None), (6.0, 1.0), (8.0, 1.0)]
    assert list(unproved_steps(case, readings, precision)) == [UnprovedStep(0, is_adjoint=True)]
    readings[0] = (2.0, 4.0)
    assert list(unproved_steps(case, readings, precision)) == []


def test_a_number_that_the_engine_does_not_show_is_not_proved():
    case = Case(parse("a*a"), (3.0,))
    run, _ = faithful_run(case, _First())
    hidden = replace(run, readings=(run.readings[0]._replace(adjoint=None), run.readings[1]))
    assert list(unproved_steps(case, hidden.readings, FLOAT64)) == [
        UnprovedStep(0, is_adjoint=True)
    ]


@pytest.mark.parametrize(
    ("formula", "number"), [("log(a)", -1.0), ("sqrt(a)", -1.0), ("a**0.5", -1.0), ("1/a", 0.0)]
)
@pytest.mark.parametrize("value", [0.0, 1.0, math.inf, -math.inf, math.nan])
def test_outside_of_a_domain_no_value_is_proved(formula, number, value):
    case = Case(parse(formula), (number,))
    output = case.expression.output
    readings = [
        (node.value if isinstance(node, Constant) else number, 0.0)
        for node in case.expression.nodes
    ]
    readings[output] = (value, 1.0)
    assert UnprovedStep(output, is_adjoint=False) in unproved_steps(case, readings, FLOAT64)


def test_a_division_by_zero_is_not_proved_as_an_overflow_is():
    def unproved(formula, number, quotient):
        case = Case(parse(formula), (number,))
        output = case.expression.output
        readings = [(getattr(node, "value", number), 1.0) for node in case.expression.nodes]
        readings[output - 1], readings[output] = (quotient, 1.0), (number + quotient, 1.0)
        return list(unproved_steps(case, readings, FLOAT64))

    assert unproved("a + 1/0.0", 2.0, math.inf) == [UnprovedStep(3, is_adjoint=False)]
    assert unproved("a + 1e300*1e300", 2.0, math.inf) == []


NUMBERS = st.floats(-1e6, 1e6).map(lambda x: x or 1.0)


@given(st.lists(NUMBERS, min_size=3, max_size=30), st.integers(-40, 40))
def test_a_sum_is_accepted_only_within_what_its_roundings_may_do(terms, units):
    number = math.fsum(terms) + units * 2.0**-53 * math.fsum(map(abs, terms)) / 4
    if is_a_sum(number, terms, FLOAT64):
        exact = sum(map(Fraction, terms))
        u, additions = Fraction(1, 2**53), len(terms) - 1
        bound = additions * u / (1 - additions * u) * sum(abs(Fraction(x)) for x in terms)
        assert abs(Fraction(number) - exact) <= bound


@given(st.lists(NUMBERS, min_size=4, max_size=30))
def test_a_sum_from_left_to_right_is_accepted(terms):
    size = math.fsum(map(abs, terms))
    total = sum(terms)
    assume(abs(total - math.fsum(terms)) <= 2.0**-53 * size)
    assert is_a_sum(total, terms, FLOAT64)


def test_a_sum_of_subnormal_numbers_is_left_to_balls():
    terms = [2.0**-1028] * 10
    off = math.fsum(terms) + 2.0**-1074  # more than 9*u times the sum, which is rounded up to it
    assert Fraction(2) ** -1074 > 9 * Fraction(2) ** -53 * sum(map(Fraction, terms))
    assert not is_a_sum(off, terms, FLOAT64)


@pytest.mark.parametrize("size", [1e308, math.inf, math.nan])
def test_a_sum_that_may_overflow_is_left_to_balls(size):
    assert not is_a_sum(size, [size, 1e308, -1e308], FLOAT64)


def alone(formula, number, value, adjoint):
    """The steps that are not proved of a run of one operation on one number."""
    case = Case(parse(formula), (number,))
    inner = [(node.value, None) for node in case.expression.nodes[1:-1]]
    return list(unproved_steps(case, [(number, adjoint), *inner, (value, 1.0)], FLOAT64))


WRONG_VALUE = UnprovedStep(1, is_adjoint=False)
WRONG_ADJOINT = UnprovedStep(0, is_adjoint=True)


@pytest.mark.parametrize("name", ["tanh", "exp", "log", "sqrt", "sin", "sigmoid"])
@pytest.mark.parametrize("number", [0.55, 1.3, 2.2])
def test_a_value_is_proved_as_far_from_the_true_one_as_its_operation_may_be(name, number):
    operation = OPERATIONS[name]
    with ctx.workprec(400):
        true = definition(operation)([arb(number)])
    nearest = float(true.mid())
    seen = set()
    for ulps in range(-20, 21):
        value = nearest + ulps * math.ulp(nearest)
        with ctx.workprec(400):
            is_within = abs(true - value) <= operation.roundings * abs(true) * arb(2) ** -53
        proved = WRONG_VALUE not in alone(f"{name}(a)", number, value, 0.0)
        assert proved is bool(is_within)
        seen.add(proved)
    assert seen == {True, False}


@pytest.mark.parametrize("value", [1e20, -math.exp(1.0), 0.0, math.inf, -math.inf, math.nan])
def test_a_value_far_from_the_true_one_is_not_proved(value):
    assert WRONG_VALUE in alone("exp(a)", 1.0, value, 0.0)


@pytest.mark.parametrize("share", [0.0, 0.5, 2.0, -1.0])
def test_a_small_value_is_proved_only_if_its_own_digits_are_right(share):
    right = math.exp(-40.0)
    assert WRONG_VALUE not in alone("exp(a)", -40.0, right, right)
    assert WRONG_VALUE in alone("exp(a)", -40.0, share * right, 0.0)


def test_an_adjoint_by_a_formula_of_an_engines_own_is_proved_where_it_is_as_accurate():
    value = math.tanh(0.75)
    adjoint = 1.0 - value * value
    near, far = adjoint + 2 * math.ulp(adjoint), adjoint * (1.0 + OFF_BY)
    assert alone("tanh(a)", 0.75, value, near) == []
    assert alone("tanh(a)", 0.75, value, far) == [WRONG_ADJOINT]


CHOICES = [
    *(("relu", x, None, (float(x > 0.0), None)) for x in (-0.5, 0.0, 0.5)),
    *(("abs", x, None, (math.copysign(1.0, x), None)) for x in (-0.5, 0.0, 0.5)),
    *(("max", 1.5, b, (float(b < 1.5), float(b > 1.5))) for b in (1.25, 1.5, 1.75)),
    *(("min", 1.5, b, (float(b > 1.5), float(b < 1.5))) for b in (1.25, 1.5, 1.75)),
]


@pytest.mark.parametrize(("name", "a", "b", "partials"), CHOICES)
@pytest.mark.parametrize("adjoint", [-3.0, -0.5, 0.0, 0.5, 1.0, 1.25, 1.5, 1.75, 3.0])
def test_at_a_kink_no_adjoint_is_proved_but_beside_it_the_right_one_is(
    name, a, b, partials, adjoint
):
    operation, is_at_kink = OPERATIONS[name], b == a or (b is None and a == 0.0)
    point = (a,) if b is None else (a, b)
    inputs = tuple(range(len(point)))
    chosen = Apply(operation, inputs)
    names = map(Input, input_names(len(point)))
    tripled = Apply(OPERATIONS["*"], (len(point), len(point) + 1))
    case = Case(Expression((*names, chosen, Constant(3.0), tripled)), point)
    value = {"relu": max(0.0, a), "abs": abs(a), "max": max(point), "min": min(point)}[name]
    readings = [*((x, adjoint) for x in point), (value, 3.0), (3.0, None), (value * 3.0, 1.0)]
    unproved = {step.position for step in unproved_steps(case, readings, FLOAT64)}
    assert unproved == {i for i in inputs if is_at_kink or partials[i] * 3.0 != adjoint}


@pytest.mark.parametrize("terms", [3, 4, 7])
def test_a_sum_of_many_contributions_is_proved_only_near_the_true_one(terms):
    case = Case(parse(" + ".join(f"a*{0.1 * n!r}" for n in range(1, terms + 1))), (0.7,))
    run, [contributions, *_] = faithful_run(case, _First())
    assert len(contributions) == terms
    for off_by, steps in (
        (0.0, []),
        (2.0**-53, []),
        (OFF_BY, [WRONG_ADJOINT]),
        (1.0, [WRONG_ADJOINT]),
    ):
        first, *others = run.readings
        readings = [first._replace(adjoint=first.adjoint * (1.0 + off_by)), *others]
        assert list(unproved_steps(case, readings, FLOAT64)) == steps


@pytest.mark.parametrize("factor", [0.7, 0.71, 0.72, 0.73])
def test_an_adjoint_that_is_one_product_is_proved_within_one_rounding(factor):
    case = Case(parse("a*b*c"), (2.0, 1.5, factor))
    run, _ = faithful_run(case, _First())
    first, *others = run.readings
    exact = Fraction(1.5) * Fraction(factor)
    for adjoint in (first.adjoint + ulps * math.ulp(first.adjoint) for ulps in range(-2, 3)):
        is_within = abs(Fraction(adjoint) - exact) <= exact / 2**53
        readings = [first._replace(adjoint=adjoint), *others]
        steps = list(unproved_steps(case, readings, FLOAT64))
        assert steps == ([] if is_within else [WRONG_ADJOINT])


def test_uses_with_formulas_of_different_number_add_up_to_one_adjoint():
    case = Case(parse("tanh(a) + (a*b + a/b)"), (0.75, 3.0))
    run, _ = faithful_run(case, _First())
    first, *others = run.readings
    for off_by, steps in ((0.0, []), (OFF_BY, [WRONG_ADJOINT])):
        readings = [first._replace(adjoint=first.adjoint * (1.0 + off_by)), *others]
        assert list(unproved_steps(case, readings, FLOAT64)) == steps


@pytest.mark.parametrize(("a", "b", "product"), [(2.0, 0.0, 0.0), (1e200, 1e200, math.inf)])
def test_a_number_that_is_not_shown_counts_neither_as_zero_nor_as_infinite(a, b, product):
    case = Case(parse("a*b"), (a, b))
    shown = [(a, b), (b, a), (product, 1.0)]
    assert list(unproved_steps(case, shown, FLOAT64)) == []
    hidden_value = [*shown[:2], (None, 1.0)]
    hidden_adjoint = [(a, None), *shown[1:]]
    assert UnprovedStep(2, is_adjoint=False) in unproved_steps(case, hidden_value, FLOAT64)
    assert WRONG_ADJOINT in unproved_steps(case, hidden_adjoint, FLOAT64)


def test_an_infinite_adjoint_is_not_proved():
    case = Case(parse("(a*b)*c"), (0.0, 1e200, 1e200))
    readings = [(0.0, math.inf), (1e200, 0.0), (1e200, 0.0), (0.0, 1e200), (0.0, 1.0)]
    assert list(unproved_steps(case, readings, FLOAT64)) == [WRONG_ADJOINT]


def test_nothing_is_asked_of_a_node_that_the_output_does_not_use():
    case = Case(Expression((Input("a"), *[Apply(OPERATIONS["neg"], (0,))] * 2), output=1), (3.0,))
    readings = [(3.0, -1.0), (-3.0, 1.0), (math.nan, None)]
    assert list(unproved_steps(case, readings, FLOAT64)) == []


@pytest.mark.parametrize(("adjoint", "steps"), [(2.0, []), (0.0, [WRONG_ADJOINT])])
def test_an_operation_without_formulas_is_proved_by_its_derivative(adjoint, steps):
    twice = Apply(Operation("twice", lambda x: 2 * x), (0,))
    case = Case(Expression((Input("a"), twice)), (3.0,))
    assert list(unproved_steps(case, [(3.0, adjoint), (6.0, 1.0)], FLOAT64)) == steps
