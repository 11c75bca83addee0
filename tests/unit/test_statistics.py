"""Rounding errors of operations, and verdicts that are only a loss of precision."""

import math
from pathlib import Path

import pytest

from gradcheck import Case, check, parse
from gradcheck.engines.loading import load_engine
from gradcheck.engines.without_nodes import EngineWithoutNodes
from gradcheck.fuzz.statistics import rounding_errors

ENGINES = Path(__file__).parents[1] / "engines"


def ulps(formula, *point, engine):
    verdict = check(Case(parse(formula), point), engine)
    return {operation.name: error for operation, error in rounding_errors(verdict)}


def test_a_correctly_rounded_operation_is_off_by_half_an_ulp_at_most():
    assert ulps("a + b", 0.5, 0.25, engine="engine:Value") == {"+": 0.0}
    assert 0.0 < ulps("a*b", 0.1, 0.3, engine="engine:Value")["*"] <= 0.5


def test_an_error_is_measured_at_the_operands_that_the_engine_had():
    # The product is rounded, which is no error of the sum.
    assert ulps("a*b + a*b", 0.1, 0.3, engine="engine:Value")["+"] == 0.0


def test_cancelled_digits_are_measured():
    error = ulps("tanh(a)", 1e-3, engine="engine.broken:tanh_cancels")["tanh"]
    assert 10.0 < error < 1e6


def test_an_operation_that_cannot_be_read_is_left_out():
    engine = EngineWithoutNodes(load_engine("engine:Value"))
    assert ulps("tanh(a*b) + a", 0.1, 0.3, engine=engine) == {}
    assert ulps("a*b", 0.1, 0.3, engine=engine).keys() == {"*"}


def test_an_operation_without_a_finite_result_is_left_out():
    assert ulps("a/b", 1.0, 0.0, engine=f"{ENGINES / 'everything.py'}:Value") == {}


@pytest.mark.parametrize(
    ("engine", "formula", "point", "only_digits"),
    [
        ("engine.broken:tanh_cancels", "tanh(a)", 1e-3, True),
        ("engine.broken:tanh_cancels", "tanh(a)", 1e-30, True),
        ("engine.broken:off_by_a_trillionth", "tanh(a)", 0.5, True),
        ("engine.broken:off_by_a_thousandth", "tanh(a)", 0.5, False),
        ("engine.broken:overwrites_in_product", "a*a", 1.0, False),
        ("engine.broken:tanh_overflows", "tanh(a)", 400.0, False),
        ("engine:Value", "tanh(a)", 0.5, False),
    ],
)
def test_a_verdict_tells_a_loss_of_precision_from_other_bugs(engine, formula, point, only_digits):
    verdict = check(Case(parse(formula), (point,)), engine)
    assert verdict.only_loses_digits is only_digits
    assert math.isfinite(verdict.relative_error)
