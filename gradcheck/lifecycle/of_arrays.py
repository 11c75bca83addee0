"""Run a lifecycle check of an engine of arrays, on arrays of one element."""

from __future__ import annotations

from gradcheck.blame.cause import Cause
from gradcheck.engines.arrays.numbers import as_numbers
from gradcheck.engines.arrays.protocol import ArrayEngine
from gradcheck.kind import Reason
from gradcheck.lifecycle.run import LifecycleOutcome, LifecycleResult, run_check
from gradcheck.lifecycle.standard_cases import cases_for
from gradcheck.operations import DEFAULT_OPERATIONS


def run_check_of_arrays(check: Cause, engine: ArrayEngine) -> LifecycleResult:
    """Run one of ``CHECKS`` on an engine of arrays, on its own standard cases."""
    numbers = as_numbers(engine)
    if numbers is None:
        return LifecycleResult(check, LifecycleOutcome.NOT_APPLICABLE, str(Reason.NO_LIFECYCLE))
    return run_check(check, numbers, cases_for(numbers.operations.intersection(DEFAULT_OPERATIONS)))
