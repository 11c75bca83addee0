"""Healthy engines are never accused, whatever formula they use and however extreme the numbers."""

import math
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis.strategies import floats, integers

from gradcheck import Case, Kind, case, check, load_engine
from gradcheck.generation.stream import random_expressions
from gradcheck.operations import OPERATIONS

FORMULAS = Path(__file__).parents[1] / "engines" / "formulas.py"
UNUSUAL_ORDER = FORMULAS.with_name("unusual_order.py")
MAGNITUDES = (3.0, 1e10, 1e100, 1e-100, 1e300, 1e-300)

EDGES = [
    case("a/b", a=-2.72e-321, b=0.0924736669074977),
    case("a/b", a=1e170, b=1e160),
    case("a/a", a=-5e-324),
    case("c*(a/b)", c=1e-200, a=1e-200, b=1e-150),
    case("c*(a/b)", c=1e200, a=1e200, b=1e100),
    case("c*a**4.0", c=1e308, a=1e-10),
    case("c*sqrt(a)", c=-5e-324, a=0.001),
    case("a/b", a=2.5032596440420344e307, b=1.6939298717041632e308),
    case("abs(a)", a=1e-320),
    case("c*abs(a)", c=1e-300, a=1e-20),
    case("b**2.0", b=8.733287890961557e299),
    case("a**1.5", a=2.2630252231977776e298),
    case("sigmoid(a)", a=40.0),
    case("sigmoid(a)", a=-720.0),
    case("sigmoid(a)", a=-450.0),
    case("tanh(a)", a=400.0),
    case("asinh(a)", a=1e100),
    case("acosh(a)", a=1e100),
]


@pytest.mark.parametrize("number", range(8))
def test_no_formula_in_use_is_accused(number):
    engine = load_engine(f"{FORMULAS}:Number{number}")
    operations = [o for o in OPERATIONS.values() if o in engine.operations]
    kinds = []
    for magnitude in MAGNITUDES:
        drawn = random_expressions(operations, max_ops=5, magnitude=magnitude, seed="healthy")
        for expression, points in islice(drawn, 10):
            kinds += [check(Case(expression, point), engine).kind for point in points]
    kinds += [check(edge, engine).kind for edge in EDGES]
    assert Kind.CORRECT in kinds
    assert [kind for kind in kinds if kind.is_finding or kind is Kind.NO_SUBGRADIENT] == []


@pytest.mark.parametrize("edge", EDGES, ids=repr)
def test_at_the_edges_the_default_engine_is_not_accused(edge):
    engine = load_engine("engine:Value")
    if edge.expression.operations <= engine.operations:
        assert not check(edge, engine).kind.is_finding


@given(
    integers(-1000, 1000).map(lambda multiple: multiple * 5e-324),
    floats(-3.0, 3.0),
)
def test_below_the_normal_range_no_order_of_the_steps_is_accused(upstream, x):
    verdict = check(case("c*tanh(a)", c=upstream, a=x), f"{UNUSUAL_ORDER}:Value")
    assert not verdict.kind.is_finding


@given(floats(2.0**-1020, 1.0), floats(-3.0, 3.0))
def test_above_it_half_of_the_gradient_is_wrong(upstream, x):
    assume(abs(upstream * (1.0 - math.tanh(x) ** 2)) > 2.0**-1018)
    verdict = check(case("c*tanh(a)", c=upstream, a=x), f"{UNUSUAL_ORDER}:Halved")
    assert verdict.kind is Kind.WRONG_GRADIENT


def test_a_formula_that_nobody_uses_is_accused(tmp_path):
    source = FORMULAS.read_text()
    assert source.count("(div(g, b), g * div(-r, b))") == 1
    wrong = source.replace("(div(g, b), g * div(-r, b))", "(div(g, b), g * div(r, b))")
    (tmp_path / "wrong.py").write_text(wrong)
    verdict = check(case("a/b", a=1.0, b=3.0), f"{tmp_path / 'wrong.py'}:Number0")
    assert verdict.signature == "wrong-partial-of-div"
