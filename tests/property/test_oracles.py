"""The oracles against each other, and against something that they do not use."""

import math
import statistics
from pathlib import Path

import mpmath
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.checking import check
from gradcheck.engine.value import _tanh_partial
from gradcheck.engines.loading import load_engine
from gradcheck.expression import Apply, Case, Constant, Input
from gradcheck.formula import parse
from gradcheck.oracles.arithmetic import EXACT
from gradcheck.oracles.certificate import OracleDisagreementError, certify, require_agreement
from gradcheck.oracles.sweep import adjoints, values
from gradcheck.oracles.symbolic import evaluate, whole_formula
from gradcheck.strategies import cases

ENGINES = Path(__file__).parents[1] / "engines"
plain_value = load_engine(f"{ENGINES / 'plain.py'}:Value").make


@settings(max_examples=400)
@given(cases(max_ops=6))
def test_the_two_symbolic_routes_overlap(case):
    require_agreement(case, certify(case))


def test_routes_that_exclude_each_other_are_an_error_of_the_harness(lying_certificate):
    case = Case(parse("tanh(a)"), (0.5,))
    with pytest.raises(OracleDisagreementError, match="whole formula"):
        require_agreement(case, lying_certificate(case, arb(0.25)))


def mpmath_value(case, point):
    results = []
    operations = {"+": mpmath.fadd, "*": mpmath.fmul, "tanh": mpmath.tanh}
    for position, node in enumerate(case.expression.nodes):
        match node:
            case Input():
                results.append(mpmath.mpf(point[position]))
            case Constant(value):
                results.append(mpmath.mpf(value))
            case Apply(operation, operands):
                results.append(operations[operation.name](*(results[i] for i in operands)))
    return results[case.expression.output]


def agrees_to_50_digits(enclosure, number):
    """mpmath works with 150 digits here, and is trusted with 50 of them."""
    exact = arb(number)
    return abs(enclosure - exact) <= max(abs(exact), arb(1)) * arb(10) ** -50


@settings(max_examples=100)
@given(cases(max_ops=6))
def test_both_routes_agree_with_mpmath_at_50_digits(case):
    functions = whole_formula(case.expression)
    with mpmath.workdps(150), ctx.workprec(512):
        inputs = [arb(number) for number in case.point]
        chained = adjoints(case.expression, values(case.expression, inputs, EXACT), EXACT)
        whole = evaluate(functions, case.point) if functions else chained
        for index in range(len(case.point)):
            orders = tuple(int(index == i) for i in range(len(case.point)))
            derivative = mpmath.diff(lambda *x: mpmath_value(case, x), case.point, orders)
            assert agrees_to_50_digits(chained[index], derivative)
            assert agrees_to_50_digits(whole[index], derivative)


def test_a_derivative_that_is_off_in_the_40th_digit_does_not_agree_with_mpmath():
    with mpmath.workdps(150), ctx.workprec(512):
        derivative = mpmath.diff(mpmath.tanh, mpmath.mpf(0.5))
        truth = 1 - arb(0.5).tanh() ** 2
        assert agrees_to_50_digits(truth, derivative)
        assert not agrees_to_50_digits(truth * (1 + arb(10) ** -40), derivative)


def test_the_bound_is_not_empty():
    widths = []

    @settings(max_examples=300)
    @given(cases())
    def measure(case):
        certificate = certify(case)
        widths.extend(
            float(certified.allowed_error / abs(certified.truth))
            for certified in certificate.adjoints[: len(case.point)]
            if certified.in_range and certified.truth != 0
        )

    measure()
    assert len(widths) > 100
    assert 0.0 < statistics.median(widths) < 1e-13


@settings(max_examples=200)
@given(cases(), st.randoms(use_true_random=False))
def test_the_bound_holds_whatever_a_faithful_engine_does(case, random):
    # Two ulps, with the two that math.tanh itself may be off, are the four that are allowed.
    verdict = check(case, engine_with_other_habits(random, ulps=2), whole_formula=False)
    assert not verdict.kind.is_finding, str(verdict)


def test_an_engine_that_is_not_quite_faithful_falls_out_of_the_bound():
    found = 0

    @settings(max_examples=100)
    @given(cases(), st.randoms(use_true_random=False))
    def look(case, random):
        nonlocal found
        verdict = check(case, engine_with_other_habits(random, ulps=64), whole_formula=False)
        found += verdict.kind.is_finding

    look()
    assert found


def engine_with_other_habits(random, *, ulps):
    """A tanh that is some ulps off, either formula for its derivative, sums in any order."""

    class Value(plain_value):
        def tanh(self):
            t = math.tanh(self.data)
            nudged = t + random.randint(-ulps, ulps) * math.ulp(t) if t else t
            partial = random.choice([1.0 - nudged * nudged, _tanh_partial(self.data)])
            return Value(nudged, (self,), (partial,))

        def backward(self):
            contributions = {self: [1.0]}
            for node in self.order():
                terms = contributions[node]
                random.shuffle(terms)
                node.grad = sum(terms, start=0.0)
                for child, partial in zip(node.children, node.partials, strict=True):
                    contributions.setdefault(child, []).append(partial * node.grad)

    return Value
