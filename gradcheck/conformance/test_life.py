"""Life beyond one backward pass: graphs and inputs that are used again."""

from __future__ import annotations

import pytest

from gradcheck.engines.protocol import Engine
from gradcheck.lifecycle.expressions import cases_for
from gradcheck.lifecycle.result import Outcome
from gradcheck.lifecycle.run import CHECKS, run_check
from gradcheck.lifecycle.words import sentence


@pytest.mark.parametrize("check", CHECKS)
def test_life(gradcheck_engine: Engine, check: str) -> None:
    result = run_check(check, gradcheck_engine, cases_for(gradcheck_engine.operations))
    if result.outcome is Outcome.NOT_APPLICABLE:
        pytest.skip(f"{gradcheck_engine.spec}: {result.says}")
    if result.outcome is Outcome.BROKEN:
        pytest.fail(f"{check} is broken: {sentence(result)}", pytrace=False)
