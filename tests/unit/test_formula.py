"""Formulas, read and written, and what is none."""

import pytest
from hypothesis import given

import gradcheck.expression
from gradcheck import Case, FormulaError, case, check, parse
from gradcheck.expression import (
    Apply,
    Backward,
    Build,
    Constant,
    Expression,
    Input,
    Repeat,
    Reset,
    ZeroGrad,
)
from gradcheck.formula import write
from gradcheck.operations import OPERATIONS, UnknownOperationError, operations_named
from gradcheck.strategies import cases


@given(cases())
def test_an_expression_is_read_as_it_was_written(case):
    text = write(case.expression)
    again = parse(text)
    assert set(again.inputs) <= set(case.expression.inputs)
    assert again.size == case.expression.size
    point = tuple(case.numbers[name] for name in again.inputs)
    values = [
        check(c, "engine:Value", whole_formula=False).value.backprop
        for c in (case, Case(again, point))
    ]
    assert values[0] == values[1]


@pytest.mark.parametrize(
    "formula",
    [
        "a",
        "2.0",
        "-2.0*a",
        "a + b + c",
        "a + (b + c)",
        "a*b*c",
        "a*(b*c)",
        "(a + b)*c",
        "a*b + c",
        "tanh(a + b)*tanh(c)",
        "n2 = a*b; n2*n2",
    ],
)
def test_brackets_stand_where_they_are_needed_and_nowhere_else(formula):
    assert write(parse(formula)) == formula


def test_what_is_shared_is_named_and_what_is_not_is_not():
    assert write(parse("s = a + 1; tanh(s)*s")) == "n2 = a + 1; tanh(n2)*n2"
    assert write(parse("s = a + 1; tanh(s)")) == "tanh(a + 1)"


def test_a_name_for_a_part_is_none_that_an_input_has():
    text = write(parse("s = n + n2; s*s"))
    assert parse(text).inputs == ("n", "n2")


def test_a_part_that_would_be_long_is_named():
    text = write(parse("+".join(["abcdefgh"] * 40)))
    assert max(len(part) for part in text.split("; ")) < 80
    assert parse(text).size == 39


def test_inputs_are_in_the_order_of_appearance_and_parts_are_none():
    assert parse("s = b*a; s + c").inputs == ("b", "a", "c")


def test_zero_and_minus_zero_are_two_constants():
    zero, minus_zero = parse("a*0.0"), parse("a*(-0.0)")
    assert len({zero, minus_zero, parse("a*0.0")}) == 2
    assert zero != minus_zero


def test_an_operation_of_constants_is_an_operation():
    assert parse("2*3").size == 1


NO_FORMULAS = {
    "a null byte": "a\0b",
    "an unknown function": "gamma(a)",
    "a slope that is no number": "leaky_relu(a, b)",
    "a lambda": "(lambda: 1)()",
    "a text": "'a'",
    "a truth value": "True",
    "two expressions": "a; a",
    "a part that is used before it is named": "n*a; n = a",
    "a loop": "while a: a",
    "an operation without operands": "tanh",
    "an operation with too many operands": "tanh(a, a)",
    "an empty formula": "",
    "only a comment": "# a*b",
    "spaces": "   ",
    "deep calls": "tanh(" * 10_000 + "a" + ")" * 10_000,
    "deep signs": "-" * 10_000 + "a",
    "a huge literal": "1e999*a",
    "a huge whole number": "1" + "0" * 400 + "*a",
    "deep brackets": "(" * 10_000 + "a" + ")" * 10_000,
    "an import": "__import__('os')",
}


@pytest.mark.parametrize("text", NO_FORMULAS.values(), ids=NO_FORMULAS)
def test_what_is_no_formula_is_refused_in_a_line(text):
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert 0 < len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


WRITE_INSTEAD = {
    "a^2": "`^` is not a power; write a**2",
    "a @ b": "`@` multiplies matrices, and inputs are numbers; write a*b",
    "a // b": "`//` rounds, so it has no gradient to check; write a/b",
    "a % b": "`%` is a remainder",
    "a & b": "`&` works on bits",
    "|a|": "write abs(a)",
    "a << b": "`<<` works on bits",
    "a >> b": "`>>` works on bits",
    "~a": "`~` works on bits",
    "+a": "leave it out",
    "not a": "max(a, b), min(a, b), relu(a) and abs(a) choose by value",
    "a < b": "choose by value",
    "a and b": "choose by value",
    "a if b else c": "choose by value",
    "2in a": "choose by value",
    "a[0]": "write for example a0",
    "math.pi*a": "a name cannot contain a dot",
    "a.tanh()": "tanh(a), not a.tanh()",
    "math.sin(a)": "sin(a), not a.sin()",
    "tanh(x=a)": "tanh(a), not tanh(x=a)",
    "2(a)": "write a*(b), not a(b)",
    "1,5*a": "a decimal point is a dot",
    "(s := a*b)*s": "s = a*b; s*s",
    "s := a*b": "s = a*b; s*s",
    "a\N{MINUS SIGN}b": "write -",
    "a\N{MULTIPLICATION SIGN}b": "write *",
    "a\N{MIDDLE DOT}b": "write *",
    "a\N{SUPERSCRIPT TWO}": r"write **2",
    "sin a": "write sin(a)",
    "2a": "`2a` lacks an operator; write 2*a",
    "1e5x": "write 1e5*x",
    "0x1 a": "write 0x1*a",
    "b + 2 a": "write 2*a",
    "(a + b) c": "write (…)*c",
    "(a + b": "'(' was never closed",
    "a if b": "`a if b` is not a formula in Python's syntax",
    "2j*a": "cannot contain `2j`",
    "ln(a)": "there is no operation `ln`",
    "leaky_relu(a, b)": "the last operand of leaky_relu has to be a number, as in leaky_relu(a, 2)",
    "where(a, b)": "where takes 4 operands, not 2",
    "where(a >= b, a, b)": "a comparison has one < or >",
    "sum()": "sum takes one or more operands, not 0",
}


@pytest.mark.parametrize(("text", "message"), WRITE_INSTEAD.items(), ids=WRITE_INSTEAD)
def test_what_is_no_formula_is_told_apart_by_what_to_write_instead(text, message):
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert message in str(caught.value)


def test_operations_are_listed_in_the_order_of_the_table():
    assert [operation.name for operation in operations_named("tanh +")] == ["+", "tanh"]


def test_an_unknown_operation_is_named_beside_those_there_are():
    with pytest.raises(UnknownOperationError, match="'sine'; did you mean sin or sinc"):
        operations_named("+ sine")


ADD = OPERATIONS["+"]


@pytest.mark.parametrize(
    ("nodes", "output", "message"),
    [
        ((), -1, "0 nodes"),
        ((Input("a"),), 5, "node 5"),
        ((Input("a"), Input("a")), -1, "share a name"),
        ((Constant(1.0), Input("a")), -1, "inputs come first"),
        ((Constant(float("nan")),), -1, "not a finite number"),
        ((Input("a"), Apply(ADD, (0,))), -1, "takes 2 operands, got 1"),
        ((Input("a"), Apply(ADD, (0, 1))), -1, "only earlier ones"),
    ],
)
def test_nodes_that_make_no_program_are_refused(nodes, output, message):
    with pytest.raises(ValueError, match=message):
        Expression(nodes, output=output)


@pytest.mark.parametrize(("point", "message"), [((), "1 inputs"), ((float("inf"),), "finite")])
def test_a_point_has_a_finite_number_for_each_input(point, message):
    with pytest.raises(ValueError, match=message):
        Case(parse("a"), point)


@pytest.mark.parametrize(
    ("formula", "inputs"), [("1e-30*a + e", ["e", "a"]), ("a*1e-30", ["a", "e"]), ("a*e", "ae")]
)
def test_an_expression_prints_as_what_makes_it(formula, inputs):
    expression = parse(formula, inputs=inputs)
    assert eval(repr(expression), {"parse": parse}) == expression


def test_a_case_with_steps_prints_as_what_makes_it():
    steps = (ZeroGrad(Reset.INPUTS), Backward(1), Build(parse("a + a")), Repeat(3))
    made = Case(parse("a*a"), (1.5,), steps)
    names = {**vars(gradcheck.expression), "parse": parse, "case": case}
    assert eval(repr(made), names) == made
