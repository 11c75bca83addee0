"""Constants that are an ``int``: an engine may treat 2 and 2.0 differently."""

import pytest

from gradcheck import Case, Kind, case, check, check_function, load_engine, parse
from gradcheck.expression import LARGEST_INT, Constant, Expression
from gradcheck.findings.case_file import case_file, read_finding
from gradcheck.findings.finding import Finding, Sighting, now
from gradcheck.formula import write
from gradcheck.precision import FLOAT32
from gradcheck.rewriting import constants_as_inputs

WRONG_FOR_INT = """
import math


class Value:
    made_from = set()

    def __init__(self, data, sends=()):
        self.made_from.add(type(data))
        self.data, self.grad, self.sends = float(data), 0.0, sends

    def __mul__(self, other):
        if isinstance(other, Value):
            sends = (self, other.data), (other, self.data)
            return Value(self.data * other.data, sends)
        is_wrong = isinstance(other, int)
        return Value(self.data * other, ((self, other + is_wrong),))

    def __pow__(self, exponent):
        partial = exponent * self.data ** (exponent - 1)
        return Value(self.data**exponent, ((self, partial + isinstance(exponent, int)),))

    def backward(self):
        self.grad = 1.0
        for operand, partial in self.sends:
            operand.grad += partial
"""


@pytest.fixture
def engine(tmp_path):
    (tmp_path / "wrong_for_int.py").write_text(WRONG_FOR_INT)
    return load_engine(f"{tmp_path / 'wrong_for_int.py'}:Value")


@pytest.mark.parametrize("formula", ["2*a", "2.0*a", "a**-3", "a**-3.0", "-7", "0 + a", "2*3 + a"])
def test_text_tells_an_int_from_a_float(formula):
    assert write(parse(formula)) == formula


def test_an_int_and_a_float_are_different_constants():
    assert Constant(2) != Constant(2.0)
    assert parse("2*a") != parse("2.0*a")
    assert parse("2*a") == parse("2*a")


def test_an_int_that_no_float_holds_is_read_as_a_float():
    assert write(parse(f"{LARGEST_INT}*a")) == f"{LARGEST_INT}*a"
    assert write(parse(f"{LARGEST_INT + 1}*a")) == "9007199254740992.0*a"
    with pytest.raises(ValueError, match="not exactly a float"):
        Expression((Constant(LARGEST_INT + 1),))


@pytest.mark.parametrize("formula", ["a*2", "a**3"])
def test_an_engine_gets_an_int_where_one_is_written(engine, formula):
    assert check(case(formula, a=1.5), engine).kind is Kind.WRONG_GRADIENT
    assert check(case(f"{formula}.0", a=1.5), engine).kind is Kind.CORRECT


def test_a_traced_function_keeps_the_kind_of_its_constants(engine):
    assert check_function(lambda a: a * 2, [1.5], engine).kind is Kind.WRONG_GRADIENT
    assert check_function(lambda a: a * 2.0, [1.5], engine).kind is Kind.CORRECT


def test_an_object_of_a_constant_is_made_from_a_float(engine):
    assert engine.value(case("a*(2*3)", a=1.5)) == 9.0
    assert engine.value(case("7")) == 7.0
    assert engine.make.made_from == {float}


def test_a_case_file_keeps_the_difference(engine, tmp_path):
    verdict = check(case("a*2*0.5*-3.0", a=1.5), engine)
    seen = Sighting(now(), now(), times=1, seed=0)
    (tmp_path / "case.json").write_text(
        case_file(Finding(verdict, worst=verdict, seen=seen, cases=1), seen_before=())
    )
    assert write(read_finding(tmp_path).smallest.case.expression) == "a*2*0.5*-3.0"


def test_an_int_that_a_shorter_format_holds_stays_an_int():
    nearest = FLOAT32.nearest_case(Case(parse("a*2 + 16777217"), (1.0,)))
    assert write(nearest.expression) == "a*2 + 16777216.0"


def test_a_case_with_inputs_for_its_constants_keeps_an_int_exponent():
    assert write(constants_as_inputs(case("2*a**3", a=1.5)).expression) == "x2*x0**3"
