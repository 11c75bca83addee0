"""Check an engine of arrays at an array case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gradcheck.array_checks.blame import blame_for
from gradcheck.array_checks.shrinking import shrink_arrays
from gradcheck.array_checks.verdict import ArrayVerdict
from gradcheck.arrays.operations import ARRAY_OPERATIONS
from gradcheck.arrays.program import ArrayCase
from gradcheck.blame.cause import Blame, Cause
from gradcheck.engines.arrays.protocol import ArrayEngine, ArrayRun
from gradcheck.engines.faults import Fault
from gradcheck.engines.protocol import Reading, Run
from gradcheck.engines.second_try import single_tries_after
from gradcheck.engines.time_limit import watched
from gradcheck.expression import Case
from gradcheck.finite_difference import finite_difference
from gradcheck.nondeterminism import changed_verdict, with_change
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import certify
from gradcheck.precision import Precision
from gradcheck.verdict import Verdict

_SLOPES = 2
"""Elements of the inputs for which a slope is taken; each takes a forward pass of the engine."""


def check_arrays(case: ArrayCase, engine: ArrayEngine) -> ArrayVerdict:
    """Judge an engine's value and the gradient of every element at an array case.

    The numbers are rounded to the engine's precision. Nothing that the engine does raises an error
    here. Raises ``TooLargeError`` for a number beyond the engine's range.
    """
    with watched():
        verdict = _verdict(case, engine)
        return _with_cause(verdict, engine) if verdict.is_finding else verdict


def _with_cause(verdict: ArrayVerdict, engine: ArrayEngine) -> ArrayVerdict:
    """Return a finding with its cause, once the case has been run again."""
    case, code = verdict.case, engine.code(verdict.case)
    other = changed_verdict(verdict.elements, lambda: _verdict(case, engine).elements)
    if other is not None:
        blame = Blame(Cause.NONDETERMINISTIC)
        elements = with_change(verdict.elements, other, blame)
        return replace(verdict, elements=elements, blame=blame, code=code)
    operations = frozenset(ARRAY_OPERATIONS[name] for name in engine.array_operations)
    with single_tries_after(verdict.run.fault):
        blame = blame_for(verdict, lambda alone: _verdict(alone, engine), operations)
    return replace(verdict, blame=blame, code=code)


def _verdict(case: ArrayCase, engine: ArrayEngine) -> ArrayVerdict:
    """Return the verdict without a blame, on numbers of the engine's format."""
    case = case.rounded_to(engine.precision)
    run = engine.run(case)
    return ArrayVerdict(case, run, _judged(case, engine, run))


def shrink_verdict(
    verdict: ArrayVerdict, engine: ArrayEngine, *, heartbeat: Callable[[], None] = lambda: None
) -> ArrayVerdict:
    """Return the verdict on the smallest case with the same signature that can be found.

    It is the given one if the smallest case does not show the bug again: numbers may change from
    run to run. ``heartbeat`` is called before every case.
    """

    def still_shows(case: ArrayCase) -> bool:
        heartbeat()
        other = check_arrays(case, engine)
        return other.is_finding and _is_same_bug(other, verdict)

    smallest = check_arrays(shrink_arrays(verdict.case, still_shows), engine)
    return smallest if smallest.is_finding and _is_same_bug(smallest, verdict) else verdict


def _is_same_bug(smaller: ArrayVerdict, verdict: ArrayVerdict) -> bool:
    """Tell whether both show one bug: of unclear ones, that with fewer candidates may be it."""
    if smaller.signature == verdict.signature:
        return True
    if smaller.blame is None or verdict.blame is None:
        return False
    are_unclear = smaller.blame.cause is verdict.blame.cause is Cause.UNCLEAR
    return are_unclear and set(smaller.blame.operations) <= set(verdict.blame.operations)


def _judged(case: ArrayCase, engine: ArrayEngine, run: ArrayRun) -> Verdict:
    """Return the verdict on the elements, where each gradient has the shape of its input."""
    scalar = case.elements
    certificate = certify(scalar, engine.precision)
    numbers = _as_run(case, scalar, run)
    view = _Elementwise(engine, case)
    inputs = len(scalar.point)
    spread = {i * (inputs - 1) // max(_SLOPES - 1, 1) for i in range(_SLOPES)} if inputs else set()
    differences = [
        finite_difference(scalar, view, numbers, certificate, index) if index in spread else None
        for index in range(inputs)
    ]
    return Verdict(scalar, numbers, certificate, differences, engine.spec, interface=None)


def _as_run(case: ArrayCase, scalar: Case, run: ArrayRun) -> Run:
    """Return a run of arrays as one of the elements; a gradient of another shape is none."""
    if run.fault is not None:
        return Run(run.value, (), run.fault)
    adjoints: list[float | None] = []
    for array, gradient in zip(case.program.inputs, run.gradients, strict=True):
        count = int(np.prod(array.shape))
        fits = gradient is not None and gradient.shape == array.shape
        adjoints += gradient.ravel().tolist() if gradient is not None and fits else [None] * count
    others = [Reading(None, None)] * (len(scalar.expression.nodes) - len(adjoints))
    numbers = [x for array in run.inputs for x in array.ravel().tolist()]
    inputs = map(Reading, numbers, adjoints)
    return Run(run.value, (*inputs, *others))


@dataclass(frozen=True, slots=True)
class _Elementwise:
    """An engine of arrays, seen as one of the single elements of a case."""

    engine: ArrayEngine
    case: ArrayCase

    @property
    def spec(self) -> str:
        return self.engine.spec

    @property
    def operations(self) -> frozenset[Operation]:
        return self.case.elements.operations

    @property
    def precision(self) -> Precision:
        return self.engine.precision

    def run(self, case: Case) -> Run:
        case_of_arrays = self.case.at(case.point)
        return _as_run(case_of_arrays, case, self.engine.run(case_of_arrays))

    def run_on_used_inputs(self, case: Case) -> Run | None:
        return None

    def value(self, case: Case) -> float | Fault:
        return self.engine.value(self.case.at(case.point))
