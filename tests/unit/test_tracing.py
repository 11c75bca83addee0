"""Tracing plain functions into expressions."""

import math
import operator

import pytest
from hypothesis import given

from gradcheck import Expression, TraceError, parse, trace
from gradcheck.expression import Apply, Constant, Input
from gradcheck.formula import write
from gradcheck.operations import OPERATIONS
from gradcheck.strategies import cases


@pytest.mark.parametrize(
    ("function", "formula"),
    [
        (lambda a, b: a + b, "a + b"),
        (lambda a, b: b * a, "b*a"),
        (lambda a, b: (2 * a * b + 3).tanh(), "tanh(2*a*b + 3)"),
        (lambda a, b: a * 2 + b * 0.5, "a*2 + b*0.5"),
        (lambda a, b: 2 + a, "2 + a"),
        (lambda a, b: sum([a, b]), "0 + a + b"),
        (lambda a, b: a, "a"),
        (lambda a, b: 7, "7"),
        (lambda a, b: a**b, "power(a, b)"),
        (lambda a, b: 2**a, "power(2, a)"),
        (lambda a, b: a.max(b, 2), "max(a, b, 2)"),
        (lambda a, b: (a + b) * True, "(a + b)*1.0"),
    ],
)
def test_a_function_is_traced_as_the_formula_that_it_computes(function, formula):
    assert write(trace(function, ["a", "b"])) == formula


def test_a_number_that_is_used_twice_is_one_node():
    def square(a):
        product = a * a
        return product + product

    assert trace(square, ["a"]) == Expression(
        (Input("a"), Apply(OPERATIONS["*"], (0, 0)), Apply(OPERATIONS["+"], (1, 1)))
    )


def test_inputs_are_in_the_order_of_their_names_and_may_be_unused():
    assert trace(lambda a, b, c=2.0: a * c, ["b", "a"]).inputs == ("b", "a")


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_every_operation_of_the_table_is_traced(operation):
    parameters = [2.0] * operation.parameters
    names = ["a", "b", "c", "d"][: operation.variables]
    traced = trace(lambda **inputs: operation.apply(*inputs.values(), *parameters), names)
    inputs, constants = map(Input, names), map(Constant, parameters)
    applied = Apply(operation, tuple(range(operation.arity)))
    assert traced == Expression((*inputs, *constants, applied))


@given(cases())
def test_every_expression_that_is_run_is_traced(case):
    def run(**inputs):
        nodes = []
        for node in case.expression.nodes:
            match node:
                case Input(name):
                    nodes.append(inputs[name])
                case Constant(value):
                    nodes.append(value)
                case Apply(operation, operands):
                    nodes.append(operation.apply(*(nodes[i] for i in operands)))
        return nodes[case.expression.output]

    # Python computes an operation on constants alone, so it is not traced.
    expression = case.expression
    if all(_has_an_input(expression, node) for node in expression.nodes):
        assert write(trace(run, expression.inputs)) == write(expression)


def _has_an_input(expression, node):
    return not isinstance(node, Apply) or any(
        not isinstance(expression.nodes[i], Constant) for i in node.operands
    )


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (lambda a: a % 2, "%"),
        (lambda a: 2 // a, "//"),
        (lambda a: ~a, "~"),
        (lambda a: a.gamma(), ".gamma"),
        (lambda a: a if a > 1 else 0, ">"),
        (lambda a: a == 1, "=="),
        (lambda a: a or 1, "bool() or a condition"),
        (lambda a: a + 1 if a else 0, "bool() or a condition"),
        (lambda a: 2 * float(a), "float()"),
        (lambda a: 2 * math.tanh(a), "float()"),
        (lambda a: 2 * round(a), "round()"),
        (lambda a: [*a], "iteration"),
        (lambda a: [1, 2][a], "use as an index"),
        (lambda a: a * "text", "* with a str"),
        (lambda a: None + a, "+ with a NoneType"),
        (lambda a: a.tanh(2), "tanh with 2 operands"),
        (lambda a: a * math.inf, "the constant inf"),
        (lambda a: a * 10**400, "the constant 1000"),
    ],
)
def test_anything_that_cannot_be_traced_is_named_with_its_line(function, what):
    with pytest.raises(TraceError) as caught:
        trace(function, ["a"])
    place = f"{__file__}:{function.__code__.co_firstlineno}: {what}"
    assert str(caught.value).startswith(place)
    assert "use only the inputs, finite numbers and operations" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_line_is_where_it_happens_and_not_where_the_function_begins():
    def two_lines(a):
        a = a * a
        return a // 2

    with pytest.raises(TraceError, match=f":{two_lines.__code__.co_firstlineno + 2}: //"):
        trace(two_lines, ["a"])


def test_a_number_of_another_traced_function_is_refused():
    kept = []
    trace(lambda a: kept.append(a) or a * a, ["a"])
    with pytest.raises(TraceError, match="another traced function"):
        trace(lambda a: a * kept[0], ["a"])


@pytest.mark.parametrize("returned", [None, "text", (1.0,), [2.0]])
def test_a_function_must_return_a_number(returned):
    with pytest.raises(TraceError, match=f"returns a {type(returned).__name__}, not a number"):
        trace(lambda a: returned, ["a"])


@pytest.mark.parametrize(
    ("names", "message"), [([], "given no numbers: missing"), (["a", "b"], "given a, b: got an")]
)
def test_a_function_must_take_the_numbers_it_is_given(names, message):
    with pytest.raises(TraceError, match=message):
        trace(lambda a: a, names)


def test_a_function_without_a_signature_is_traced():
    class Untold:
        @property
        def __signature__(self):
            raise ValueError

        def __call__(self, a):
            return operator.mul(a, 2)

    assert write(trace(Untold(), ["a"])) == "a*2"


def test_a_traced_number_can_be_shown_and_kept_in_a_set():
    seen = []
    trace(lambda a: seen.append((repr(a), {a})) or a, ["a"])
    assert seen[0][0] == "<traced node 0>"


def test_special_attributes_are_missing_as_on_a_plain_object():
    assert write(trace(lambda a: a * hasattr(a, "__array__"), ["a"])) == "a*0.0"


def test_a_formula_and_a_function_are_the_same_expression():
    assert trace(lambda a, b: a * b + a, ["a", "b"]) == parse("a*b + a")
