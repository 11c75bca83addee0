"""Inputs are used again, as in a training loop."""

from pathlib import Path

import pytest

from gradcheck import Case, Kind, check, load_engine, parse
from gradcheck.blame.cause import Cause
from gradcheck.engines.objects import why_inputs_are_not_used_again

ENGINES = ["engine:Value", "micrograd.engine:Value", "engine.broken:Twin"]
VARIATIONS = ("gradient_none.py", "gradient_is_an_object.py", "holds_val.py", "seeded_by_caller.py")
MISBEHAVING = Path(__file__).parents[1] / "engines" / "misbehaving.py"
CASE = Case(parse("a*b + a"), (3.0, 2.0))


@pytest.mark.parametrize("engine", [*ENGINES, *VARIATIONS])
def test_the_second_graph_of_a_correct_engine_is_as_right_as_the_first(variations, engine):
    engine = load_engine(str(variations / engine) if engine in VARIATIONS else engine)
    first, second = engine.run(CASE), engine.run_on_used_inputs(CASE)
    assert second.readings == first.readings
    assert check(CASE, engine).kind is Kind.CORRECT


@pytest.mark.parametrize("bug", ["keeps_gradients", "keeps_visited_marks"])
def test_what_an_earlier_graph_leaves_behind_is_found(bug):
    engine = load_engine(f"engine.broken:{bug}")
    assert check(CASE, engine).kind is Kind.WRONG_GRADIENT
    assert check(CASE, engine).blame.cause is Cause.EARLIER_GRAPH


def test_inputs_that_cannot_be_changed_are_not_used_again():
    class Fixed:
        def __init__(self, data):
            self.__dict__.update(data=data, grad=0.0)

        def __setattr__(self, name, value):
            raise AttributeError(name)

        def tanh(self):
            return self

        def backward(self):
            self.__dict__["grad"] = 1.0

    engine = load_engine("engine:Value")
    fixed = type(engine)("fixed", Fixed)
    assert fixed.run_on_used_inputs(Case(parse("tanh(a)"), (0.0,))) is None


def test_inputs_whose_number_cannot_be_set_are_not_used_again():
    assert load_engine(f"{MISBEHAVING}:DataStays").run_on_used_inputs(CASE) is None


def test_inputs_that_cannot_be_set_are_not_used_again(variations):
    assert load_engine(str(variations / "read_only.py")).run_on_used_inputs(CASE) is None


def test_an_engine_without_gradients_before_the_backward_pass_gets_zeros():
    engine = load_engine(f"{MISBEHAVING}:NoGradientBeforeBackward")
    assert engine.run_on_used_inputs(CASE).readings == engine.run(CASE).readings


PRIVATE = Path(__file__).parents[1] / "engines" / "private_number.py"


@pytest.mark.parametrize("formula", ["a*b + a", "a + b", "a*a"])
def test_inputs_with_a_private_copy_of_their_number_are_not_used_again(formula):
    engine = load_engine(f"{PRIVATE}:Value")
    case = Case(parse(formula), (3.0, 2.0)[: len(parse(formula).inputs)])
    assert engine.run_on_used_inputs(case) is None
    assert check(case, engine).kind is Kind.CORRECT


def test_inputs_that_keep_their_gradients_are_used_again_and_the_earlier_graph_is_blamed():
    engine = load_engine(f"{PRIVATE}:KeepsGradients")
    assert check(CASE, engine).blame.cause is Cause.EARLIER_GRAPH


LEFT_OUT = "Not checked: a second graph on the same inputs with other numbers"


@pytest.mark.parametrize("engine", [f"{PRIVATE}:Value", f"{MISBEHAVING}:DataStays"])
def test_that_inputs_are_not_used_again_is_said(engine):
    engine = load_engine(engine)
    assert why_inputs_are_not_used_again(engine, engine.operations).startswith(LEFT_OUT)


@pytest.mark.parametrize("engine", [*ENGINES, f"{PRIVATE}:KeepsGradients"])
def test_nothing_is_said_where_inputs_are_used_again(engine):
    engine = load_engine(engine)
    assert why_inputs_are_not_used_again(engine, engine.operations) == ""
