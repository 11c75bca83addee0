"""What the proof step by step decides in floats, balls alone decide alike."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradcheck import Case, check, load_engine, parse, verdict
from gradcheck.comparison import Comparison, is_certainly_correct
from gradcheck.kind import Kind
from gradcheck.operations import DEFAULT_OPERATIONS, OPERATIONS
from gradcheck.oracles import certificate
from gradcheck.oracles.certificate import OracleDisagreementError, certify
from gradcheck.selftest.zoo import planted_bugs
from gradcheck.strategies import cases

ENGINES = Path(__file__).parents[1] / "engines"
HEALTHY = [
    "gradcheck.engine:Value",
    f"{ENGINES}/everything.py:Value",
    *(f"{ENGINES}/formulas.py:Number{number}" for number in range(8)),
]


def by_balls(judged):
    """Return the kind that the certificate of a verdict proves without the steps of the run."""
    slopes = [slope and replace(slope, gradient=None) for slope in judged.finite_differences]
    alone = replace(judged, finite_differences=slopes)
    vars(alone)["is_faithful"] = False  # as if it had been computed
    return min((number.kind for number in alone.number_verdicts), key=lambda kind: kind.gravity)


def agree(judged):
    """Tell whether both ways lead to one kind, but for what only the steps decide."""
    alone = by_balls(judged)
    return judged.kind is alone or (judged.kind is Kind.CORRECT and alone is Kind.UNDECIDED)


@pytest.mark.parametrize("spec", HEALTHY, ids=lambda spec: spec.rpartition("/")[2])
def test_a_healthy_engine_is_judged_as_by_balls_alone(spec):
    engine = load_engine(spec)
    operations = tuple(o for o in OPERATIONS.values() if o in engine.operations)

    @given(cases(operations=operations, max_ops=8))
    def judged_both_ways(case):
        assert agree(check(case, engine, whole_formula=False))

    judged_both_ways()


@pytest.mark.parametrize("bug", planted_bugs("*"), ids=lambda bug: bug.name)
def test_a_planted_bug_is_judged_as_by_balls_alone(bug):
    @settings(max_examples=15)
    @given(cases(operations=DEFAULT_OPERATIONS, max_ops=5))
    def judged_both_ways(case):
        assert agree(check(case, bug.engine, whole_formula=False))

    judged_both_ways()
    assert agree(check(bug.smallest, bug.engine, whole_formula=False))


ALL_OPERATIONS = tuple(OPERATIONS.values())


@given(cases(operations=ALL_OPERATIONS, max_ops=8), st.floats(-1.1, 1.1))
def test_what_the_usual_formulas_prove_correct_agrees_by_all_formulas(case, share):
    certified = certify(case)
    inputs = range(len(case.point))
    assume(certified.has_true_partials and not certified.near_kinks)
    assume(certified.faithful_values[case.expression.output].is_finite())  # as verdicts do
    for ball, by_all in zip(
        certified.usual_adjoints, certified.adjoints[: len(inputs)], strict=False
    ):
        if not ball.is_finite():
            continue
        number = float(ball.mid() + share * ball.rad())
        if is_certainly_correct(number, ball):
            # Where another formula has no bound, nothing is claimed against the number.
            assert Comparison(number, by_all).agrees is not False


def test_a_formula_without_a_bound_is_no_reason_to_doubt_a_number_that_the_usual_ones_prove():
    case = Case(parse("hypot(a*16.0, a)"), (-5e-324,))
    judged = check(case, f"{ENGINES}/everything.py:Value", whole_formula=False)
    right = float(judged.certificate.usual_adjoints[0].mid())
    for adjoint, kind in ((right, Kind.CORRECT), (right * 1.01, Kind.UNDECIDED)):
        read = judged.run.readings[0]._replace(adjoint=adjoint)
        run = replace(judged.run, readings=(read, *judged.run.readings[1:]))
        other = replace(judged, run=run, finite_differences=[None])
        assert other.gradient[0].kind is kind


@given(cases(operations=ALL_OPERATIONS, max_ops=8))
def test_the_usual_formulas_enclose_the_true_gradient(case):
    certified = certify(case)
    assume(certified.has_true_partials)
    for position in range(len(case.point)):
        ball = certified.usual_adjoints[position]
        truth = certified.adjoints[position].truth
        assert not (ball.is_finite() and truth.is_finite()) or ball.overlaps(truth)


def test_a_step_that_is_proved_by_mistake_contradicts_the_balls(monkeypatch):
    [bug] = planted_bugs("no_tail")
    monkeypatch.setattr(verdict, "unproved_steps", lambda *_: iter(()))
    judged = check(bug.smallest, bug.engine, whole_formula=False)
    assert judged.kind is Kind.CORRECT
    assert not agree(judged)
    with pytest.raises(OracleDisagreementError, match="every step is proved"):
        _ = judged.number_verdicts


def test_a_plain_run_is_judged_without_a_sweep_of_balls(monkeypatch):
    def sweep(*_):
        pytest.fail("a sweep was made")

    monkeypatch.setattr(certificate, "values", sweep)
    case = Case(parse("n = a*b + c; tanh(n*n - n/c)*tanh(n) - a**2"), (0.3, -0.7, 1.1))
    for spec in (HEALTHY[0], HEALTHY[1], HEALTHY[3]):
        assert check(case, spec, whole_formula=False).kind is Kind.CORRECT


KINKS = [
    ("relu(a)*b", 0.0, 2.0),
    ("abs(a)*b", 0.0, 2.0),
    ("max(a, b)", 1.5, 1.5),
    ("min(a, b)*a", 1.5, 1.5),
    ("max(a*b, 3.0) + a", 1.5, 2.0),
]


@pytest.mark.parametrize(("formula", "a", "b"), KINKS, ids=[formula for formula, *_ in KINKS])
def test_no_run_is_proved_at_a_kink_and_it_is_beside_it(formula, a, b):
    engine = load_engine(HEALTHY[1])
    assert not check(Case(parse(formula), (a, b)), engine).is_faithful
    assert check(Case(parse(formula), (a + 0.25, b)), engine).is_faithful
