"""What is judged without the truth is judged as with it."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck import check
from gradcheck.kind import Kind
from gradcheck.operations import OPERATIONS
from strategies import cases

ALL = tuple(OPERATIONS.values())
EVERYTHING = f"{Path(__file__).parents[1]}/engines/everything.py:Value"
OFF_BY = (0.0, 2.0**-53, 2.0**-51, 2.0**-48, 1e-12, 0.5)


def with_truth(judgement):
    """The gravest of the rows, for which the truth of every number is worked out."""
    return min((row.kind for row in judgement.rows), key=lambda kind: kind.gravity)


def off(judgement, share):
    """The same where the engine's gradient is off by a share of it, and by the smallest float."""
    readings = tuple(
        reading._replace(adjoint=reading.adjoint and reading.adjoint * (1.0 + share) + 5e-324)
        for reading in judgement.run.readings
    )
    return replace(judgement, run=replace(judgement.run, readings=readings))


@pytest.mark.parametrize("operations", [ALL[:3], ALL], ids=["+ * tanh", "all"])
def test_a_kind_is_that_of_the_gravest_row(operations):
    seen = set()

    @given(cases(operations=operations), st.sampled_from(OFF_BY))
    def judged_both_ways(case, share):
        judgement = check(case, EVERYTHING, whole_formula=False).judgement
        for each in (judgement, off(judgement, share)):
            assert each.kind is with_truth(each)
            seen.add(each.kind)

    judged_both_ways()
    assert seen >= {Kind.CORRECT, Kind.WRONG_GRADIENT}
