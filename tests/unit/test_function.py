"""Plain functions, traced at a point and checked there."""

import inspect
import math
import re
from dataclasses import replace

import pytest

from gradcheck import Kind, TraceError, assert_gradients, check_function, load_engine
from gradcheck.formula import write
from gradcheck.precision import FLOAT32

ENGINE = "engine:Value"


def formula(verdict):
    return write(verdict.case.expression)


def line_in(function, number):
    """Where the line of a function is, its ``def`` being number 0, as a message begins with it."""
    return f"{__file__}:{inspect.getsourcelines(function)[1] + number}: "


def at_its_best(*numbers):
    best, *others = numbers
    for number in others:
        if number > best:
            best = 1.0 * number
    return best * best


@pytest.mark.parametrize(
    ("function", "inputs", "written", "gradient"),
    [
        (lambda a, b: a * b, {"b": 2.0, "a": 3.0}, "a*b", {"b": 3.0, "a": 2.0}),
        (lambda a, b: a * b, [3.0, 2.0], "a*b", {"a": 2.0, "b": 3.0}),
        (lambda a, /, b: a * b, (3.0, 2.0), "a*b", {"a": 2.0, "b": 3.0}),
        (lambda a, b=2: a * b, [3], "a*2", {"a": 2.0}),
        (lambda *numbers: sum(numbers), [3.0, 2.0], "0 + x0 + x1", {"x0": 1.0, "x1": 1.0}),
        (lambda a, *rest: rest[0] * a, [3.0, 2.0], "x0*a", {"a": 2.0, "x0": 3.0}),
        (lambda **by_name: by_name["a"] * 2, {"a": 3.0}, "a*2", {"a": 2.0}),
        (lambda: 7, [], "7", {}),
    ],
)
def test_inputs_are_given_by_name_or_in_order(function, inputs, written, gradient):
    verdict = check_function(function, inputs, ENGINE)
    assert formula(verdict) == written
    assert {row.name: row.backprop for row in verdict.gradient} == gradient
    assert verdict.kind is Kind.CORRECT


def test_loops_dictionaries_and_sums_are_followed():
    def polynomial(x):
        powers = {1: x}
        for exponent in range(2, 5):
            powers[exponent] = powers[exponent - 1] * x
        return sum(powers.values())

    verdict = check_function(polynomial, {"x": 2.0}, ENGINE)
    assert verdict.gradient[0].backprop == 1 + 4 + 12 + 32
    assert verdict.decisions == ()


def test_a_function_that_an_engine_gets_wrong_is_a_finding_with_its_blame():
    verdict = check_function(lambda a: a * a, [3.0], "engine.broken:overwrites_in_product")
    assert verdict.signature == "lost-contribution-of-mul"
    assert_gradients(verdict.case, ENGINE)


@pytest.mark.parametrize(
    ("point", "best"), [((1.0, 3.0, 2.0), "n4 = 1.0*x1; n4*n4"), ((5.0, 3.0, 2.0), "x0*x0")]
)
def test_a_value_decides_for_this_point_and_that_is_said(point, best):
    verdict = check_function(at_its_best, point, ENGINE)
    assert formula(verdict) == best
    place = line_in(at_its_best, 3)
    outcomes = ("false",) if best == "x0*x0" else ("true", "false")
    assert verdict.decisions == tuple(f"{place}a comparison was {was}" for was in outcomes)
    assert f"it branches on values:\n  {place}a comparison" in str(verdict)


def test_without_a_decision_nothing_is_said_of_any():
    verdict = check_function(lambda a: a * a, [2.0], ENGINE)
    assert "at this point only" not in str(verdict)


@pytest.mark.parametrize(
    ("function", "written", "what"),
    [
        (lambda a, b: max(a * b, b), "b", "a comparison was true"),
        (lambda a, b: min(a * b, b), "a*b", "a comparison was false"),
        (lambda a, b: a if -1 < a * b < 1 else b, "b", "a comparison was false"),
        (lambda a, b: a if a * b != -6 else b, "b", "a comparison was false"),
        (lambda a, b: a if a * b == -6.0 else b, "a", "a comparison was true"),
        (lambda a, b: sorted([a, b])[1], "b", "a comparison was false"),
        (lambda a, b: a if a + 2 else b, "b", "a condition was false"),
        (lambda a, b: a + 2 or b, "b", "a condition was false"),
        (lambda a, b: b if (2 * a).tanh() < -0.99 else a, "b", "a comparison was true"),
    ],
)
def test_whatever_compares_is_followed(function, written, what):
    verdict = check_function(function, {"a": -2.0, "b": 3.0}, ENGINE)
    assert formula(verdict).rpartition("; ")[2] == written
    assert [decision.rpartition(": ")[2] for decision in verdict.decisions] == [what]


def test_what_is_compared_is_no_engines_number():
    def positive_or_not(a):
        return a if a.tanh() < 0.97 else a * a

    # It clips tanh, and would go the other way.
    verdict = check_function(positive_or_not, [2.5], "engine.broken:clips_tanh")
    assert formula(verdict) == "a*a"


def test_many_decisions_are_counted():
    def many(a):
        source = "\n".join("a * 1 if a > 0 else a" for _ in range(12))
        for number, text in enumerate(source.splitlines()):
            eval(compile(text, f"line{number}", "eval"), {"a": a})  # one place for each
        return a

    verdict = check_function(many, [1.0], ENGINE)
    assert len(verdict.decisions) == 12
    assert verdict.report.conclusion[-2:] == (
        "  line7:1: a comparison was true",
        "  … and 4 more",
    )


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (lambda a: a * float(a), "float()"),
        (lambda a: a * int(a), "int()"),
        (lambda a: a * math.exp(a), "float(), which the functions of math call too,"),
        (lambda a: [1.0, 2.0][a], "use as an index"),
        (lambda a: a // 2, "//"),
        (lambda a: a.gamma(), ".gamma"),
        (lambda a: a if a > "text" else 0, "> with a str"),
        (lambda a: a if a == None else 0, "== with a NoneType"),  # noqa: E711
    ],
)
def test_what_no_expression_can_hold_is_named_with_its_line(function, what):
    with pytest.raises(TraceError) as caught:
        check_function(function, [1.0], ENGINE)
    assert str(caught.value).startswith(f"{line_in(function, 0)}{what}")
    assert "\n" not in str(caught.value)


def test_an_operation_that_the_engine_lacks_is_named_with_its_line():
    def neuron(a, b):
        product = a * b
        return product.tanh()

    with pytest.raises(TraceError) as caught:
        check_function(neuron, [1.0, 2.0], "micrograd.engine:Value")
    start = f"{line_in(neuron, 2)}micrograd.engine:Value has no tanh; it has + *"
    assert str(caught.value).startswith(start)
    assert check_function(neuron, [1.0, 2.0], ENGINE).kind is Kind.CORRECT


MICROGRAD = "micrograd.engine:Value"


@pytest.mark.parametrize(
    ("function", "written"),
    [
        (lambda a: (2 - a) ** 2, "(2 - a)**2"),
        (lambda a: 1 / a - a / 2, "1/a - a/2"),
        (lambda a: -a.relu(), "-relu(a)"),
        (lambda a: a * a.relu() if a > 0 else a, "a*relu(a)"),
    ],
)
def test_the_operations_that_an_engine_has_are_enough(function, written):
    verdict = check_function(function, [3.0], MICROGRAD)
    assert formula(verdict) == written
    assert verdict.kind is Kind.CORRECT


def test_an_absolute_value_is_an_operation_and_a_maximum_of_two_numbers_a_decision():
    with pytest.raises(TraceError, match=r"micrograd.engine:Value has no abs; it has \+"):
        check_function(abs, [3.0], MICROGRAD)
    assert check_function(lambda a: max(a, -a), [3.0], MICROGRAD).decisions


def test_where_two_ways_meet_the_one_that_is_taken_is_judged():
    by_hand = check_function(lambda a: a if a > 0 else 0 * a, [0.0], MICROGRAD)
    assert formula(by_hand) == "0*a"
    assert by_hand.kind is Kind.CORRECT


def test_a_comparison_of_what_is_outside_of_a_domain_is_refused():
    with pytest.raises(TraceError, match="> of a NaN"):
        check_function(lambda a: a if a**0.5 > 1 else 0 * a, [-1.0], MICROGRAD)
    assert check_function(lambda a: a if a**0.5 > 1 else 0 * a, [4.0], MICROGRAD).decisions


def test_a_decision_is_made_at_the_engines_own_numbers():
    def single_if_larger(a):
        return a if a > 1 / 3 else a * a

    single = replace(load_engine(ENGINE), precision=FLOAT32)
    assert formula(check_function(single_if_larger, [1 / 3], single)) == "a"
    assert formula(check_function(single_if_larger, [1 / 3], ENGINE)) == "a*a"


def test_a_comparison_with_a_number_of_another_function_is_refused():
    kept = []
    check_function(lambda a: kept.append(a) or a, [1.0], ENGINE)
    with pytest.raises(TraceError, match="another traced function"):
        check_function(lambda a: a if a < kept[0] else 0, [1.0], ENGINE)


@pytest.mark.parametrize(
    ("function", "inputs", "message"),
    [
        (lambda a: a, [1.0, 2.0], "given a, x0: too many positional"),
        (lambda a: a, {"b": 1.0}, "given b: missing a required argument: 'a'"),
        (lambda a: a, [1.0] * 9, "given 9 numbers: too many positional"),
        (lambda a: [a], [1.0], "returns a list, not a number"),
    ],
)
def test_a_function_takes_its_numbers_and_returns_one(function, inputs, message):
    with pytest.raises(TraceError, match=re.escape(message)):
        check_function(function, inputs, ENGINE)


def test_an_input_is_a_finite_number():
    with pytest.raises(ValueError, match="input a is nan, not a finite number"):
        check_function(lambda a: a, [math.nan], ENGINE)
    with pytest.raises(TraceError, match="> of a NaN"):
        check_function(lambda a: max(0, a), [math.nan], ENGINE)
