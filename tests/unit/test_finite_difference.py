"""The far end of a slope: what is decided without the bar is what the bar decides."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gradcheck import Case, check, load_engine, parse
from gradcheck.finite_difference import FiniteDifference
from gradcheck.kind import Kind
from gradcheck.operations import OPERATIONS
from gradcheck.oracles import sweep
from gradcheck.oracles.certificate import certify
from gradcheck.oracles.slope import default_step, moved
from gradcheck.strategies import cases

ENGINE = load_engine("engine:Value")
EVERYTHING = f"{Path(__file__).parents[1]}/engines/everything.py:Value"


def finite_difference(case, *, wrong_by=0.0, step=None):
    """The far end by the first input, of an engine that is off by so much there."""
    gradient = ENGINE.run(case).readings[0].adjoint
    step = default_step(case.point[0]) if step is None else step
    there = moved(case, 0, step)
    value, moved_value = ENGINE.value(case), ENGINE.value(there) + wrong_by
    return FiniteDifference(case, there, 0, step, value, moved_value, gradient, certify(case))


@given(
    cases(max_ops=6),
    st.sampled_from([0.0, 1e-16, 1e-15, 1e-14, 1e-10, 1e-3, math.inf]),
    st.sampled_from([None, 1e-17, 1e-9, -1e-7, 1e-6, 0.1]),
)
def test_a_slope_is_wrong_where_its_bar_excludes_it_and_nowhere_else(case, wrong_by, step):
    end = finite_difference(case, wrong_by=wrong_by, step=step)
    assert end.is_wrong() is (end.slope.agrees is False)


@given(
    cases(operations=tuple(OPERATIONS.values()), max_ops=5),
    st.sampled_from([0.0, 1e-16, 1e-12, 1e-5, 0.5, math.inf]),
    st.sampled_from([0.0, 2.0**-30, 1.0]),
)
def test_the_gradient_of_the_engine_decides_no_slope(case, wrong_by, gradient_off_by):
    engine = load_engine(EVERYTHING)
    there = moved(case, 0, default_step(case.point[0]))
    run, moved_value = engine.run(case), engine.value(there)
    assume(run.readings and isinstance(moved_value, float))
    gradient = (run.readings[0].adjoint or 0.0) + gradient_off_by
    step, certificate = default_step(case.point[0]), certify(case)
    end = FiniteDifference(
        case, there, 0, step, run.value, moved_value + wrong_by, gradient, certificate
    )
    assert end.is_wrong() is (end.slope.agrees is False)


@pytest.mark.parametrize(("wrong_by", "is_wrong"), [(0.0, False), (1e-12, True)])
def test_a_forward_pass_that_is_wrong_a_step_away_is_found(wrong_by, is_wrong):
    end = finite_difference(Case(parse("tanh(a*b)"), (0.7, 0.3)), wrong_by=wrong_by)
    assert end.is_wrong() is is_wrong


@pytest.mark.parametrize(("wrong_by", "is_wrong"), [(0.0, False), (1e-12, True)])
def test_without_a_gradient_the_bar_decides(wrong_by, is_wrong):
    end = finite_difference(Case(parse("tanh(a*b)"), (0.7, 0.3)), wrong_by=wrong_by)
    assert replace(end, gradient=None).is_wrong() is is_wrong


@pytest.mark.parametrize(("share", "kind"), [(0.001, Kind.WRONG_VALUE), (0.0, Kind.WRONG_GRADIENT)])
def test_a_derivative_that_oracle_and_engine_get_wrong_alike_is_contradicted(
    monkeypatch, share, kind
):
    honest = sweep.local_partials

    def lying(partial):
        return None if partial is None else lambda arguments: partial(arguments) * (1 + share)

    monkeypatch.setattr(sweep, "local_partials", lambda *which: [*map(lying, honest(*which))])
    monkeypatch.setattr(sweep, "_steps", sweep._steps.__wrapped__)  # what is kept was honest
    case = Case(parse("tanh(a)"), (0.5,))
    verdict = check(case, "engine.broken:off_by_a_thousandth", whole_formula=False)
    assert verdict.kind is kind
    assert verdict.number_verdicts[1].slope.agrees is (share == 0.0)


def test_a_curve_may_leave_its_tangent_though_no_value_is_wrong():
    end = finite_difference(Case(parse("a*a"), (1.0,)), step=0.5)
    assert abs(end.slope.returned - 2.0) == 0.5
    assert end.is_wrong() is False
