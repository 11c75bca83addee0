"""More than one backward pass: graphs and inputs that are used again."""

from __future__ import annotations

import pytest

from gradcheck.assertion import require_right
from gradcheck.blame.cause import Cause
from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
from gradcheck.lifecycle.run import LifecycleOutcome, run_check
from gradcheck.lifecycle.standard_cases import cases_for
from gradcheck.lifecycle.steps import CHECKS


@pytest.mark.parametrize("check", CHECKS)
def test_lifecycle(gradcheck_engine: AnyEngine, check: Cause) -> None:
    if isinstance(gradcheck_engine, ArrayEngine):
        from gradcheck.lifecycle.of_arrays import run_check_of_arrays  # noqa: PLC0415 - needs NumPy

        result = run_check_of_arrays(check, gradcheck_engine)
    else:
        result = run_check(check, gradcheck_engine, cases_for(gradcheck_engine.operations))
    if result.outcome is LifecycleOutcome.NOT_APPLICABLE:
        pytest.skip(f"{gradcheck_engine.spec}: {result.says}")
    if result.verdict is not None:
        require_right(result.verdict)
