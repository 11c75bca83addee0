"""What is judged without the truth is judged as with it."""

from dataclasses import replace
from pathlib import Path

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from gradcheck import Case, check
from gradcheck.engines.protocol import Reading, Run
from gradcheck.expression import Apply, Expression, Input
from gradcheck.kind import Kind
from gradcheck.operations import DEFAULT_OPERATIONS, OPERATIONS, Operation
from gradcheck.oracles.certificate import certify
from gradcheck.oracles.rows import RowError
from gradcheck.strategies import cases
from gradcheck.verdict import Verdict

ALL = tuple(OPERATIONS.values())
EVERYTHING = f"{Path(__file__).parents[1]}/engines/everything.py:Value"
OFF_BY = (0.0, 2.0**-53, 2.0**-51, 2.0**-48, 1e-12, 0.5)
WHAT = ("value", "adjoints", "no adjoints", "inputs")
WRONG = {
    *(Kind.WRONG_VALUE, Kind.WRONG_GRADIENT, Kind.IMPRECISE_VALUE, Kind.IMPRECISE_GRADIENT),
    *(Kind.MUTATED_INPUT, Kind.MISSING_GRADIENT),
}


def with_truth(verdict):
    """The gravest of the rows, for which the truth of every number is worked out."""
    return min((number.kind for number in verdict.number_verdicts), key=lambda kind: kind.gravity)


def off(verdict, share, what):
    """The same where the engine is off by a share of a number, and by the smallest float."""
    run = verdict.run
    match what:
        case "value":
            run = replace(run, value=moved(run.value, share))
        case "adjoints":
            changed = (each._replace(adjoint=moved(each.adjoint, share)) for each in run.readings)
            run = replace(run, readings=tuple(changed))
        case "no adjoints":
            run = replace(run, readings=tuple(each._replace(adjoint=None) for each in run.readings))
        case "inputs":
            changed = (each._replace(value=moved(each.value, share)) for each in run.readings)
            run = replace(run, readings=tuple(changed))
    return replace(verdict, run=run)


def moved(number, share):
    return number and number * (1.0 + share) + 5e-324


@pytest.mark.parametrize("slip", [0.0, 1e-9, 0.5])
def test_partials_of_ones_own_that_have_a_slip_are_an_error_of_their_row(slip):
    twice = Operation("twice", lambda x: 2 * x, partials=lambda *_: [sympy.Float(2.0 + slip)])
    case = Case(Expression((Input("a"), Apply(twice, (0,)))), (1.5,))
    run = Run(3.0, (Reading(1.5, 2.0 + slip), Reading(3.0, 1.0)))
    if slip:
        with pytest.raises(RowError, match="operation twice: its row contradicts itself"):
            certify(case)
    else:
        verdict = Verdict(case, run, certify(case), [None], engine="twice", interface=None)
        assert verdict.kind is Kind.CORRECT


@pytest.mark.parametrize("operations", [DEFAULT_OPERATIONS, ALL], ids=["+ * tanh", "all"])
def test_a_kind_is_that_of_the_gravest_row(operations):
    seen = set()

    @given(cases(operations=operations), st.sampled_from(OFF_BY))
    def judged_both_ways(case, share):
        verdict = check(case, EVERYTHING, whole_formula=False)
        for each in (verdict, *(off(verdict, share, what) for what in WHAT)):
            assert each.kind is with_truth(each)
            seen.add(each.kind)

    judged_both_ways()
    assert seen >= {Kind.CORRECT, Kind.UNDECIDED, *WRONG}
