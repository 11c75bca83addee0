"""What an operation really lost, and a run that leaves lost digits out of its exit code."""

import math
from pathlib import Path

import pytest

from gradcheck import Case, check, parse
from gradcheck.engines.loading import load_engine
from gradcheck.engines.without_nodes import EngineWithoutNodes
from gradcheck.fuzz.rounding_losses import losses

ENGINES = Path(__file__).parents[1] / "engines"


def lost(formula, *point, engine):
    verdict = check(Case(parse(formula), point), engine)
    return {operation.name: units for operation, units in losses(verdict)}


def test_an_operation_that_is_rounded_correctly_loses_half_of_a_unit_at_most():
    assert lost("a + b", 0.5, 0.25, engine="engine:Value") == {"+": 0.0}
    assert 0.0 < lost("a*b", 0.1, 0.3, engine="engine:Value")["*"] <= 0.5


def test_a_loss_is_measured_at_the_operands_that_the_engine_had():
    # The product is off by a bit of its last place, which is nothing to do with the sum.
    units = lost("a*b + a*b", 0.1, 0.3, engine="engine:Value")
    assert units["+"] == 0.0


def test_digits_that_cancel_are_seen():
    units = lost("tanh(a)", 1e-3, engine="engine.broken:tanh_cancels")["tanh"]
    assert 10.0 < units < 1e6


def test_what_cannot_be_read_is_left_out():
    opaque = EngineWithoutNodes(load_engine("engine:Value"))
    assert lost("tanh(a*b) + a", 0.1, 0.3, engine=opaque) == {}
    assert lost("a*b", 0.1, 0.3, engine=opaque).keys() == {"*"}


def test_where_there_is_no_number_nothing_is_lost():
    assert lost("a/b", 1.0, 0.0, engine=f"{ENGINES / 'everything.py'}:Value") == {}


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
def test_a_verdict_tells_lost_digits_from_more(engine, formula, point, only_digits):
    verdict = check(Case(parse(formula), (point,)), engine)
    assert verdict.only_loses_digits is only_digits
    assert math.isfinite(verdict.relative_error)
