"""More than one backward pass: graphs and inputs that are used again."""

from __future__ import annotations

import pytest

from gradcheck.assertion import require_right
from gradcheck.blame.cause import Cause
from gradcheck.engines.arrays.protocol import AnyEngine
from gradcheck.lifecycle.run import LifecycleOutcome, run_check
from gradcheck.lifecycle.steps import CHECKS


@pytest.mark.parametrize("check", CHECKS)
def test_lifecycle(gradcheck_engine: AnyEngine, check: Cause) -> None:
    result = run_check(check, gradcheck_engine)
    if result.outcome is LifecycleOutcome.NOT_APPLICABLE:
        pytest.skip(f"{gradcheck_engine.spec}: {result.says}")
    if result.verdict is not None:
        require_right(result.verdict)
