"""Judge an engine at a case with steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from gradcheck.blame.cause import Blame, Cause
from gradcheck.blame.probe import ask
from gradcheck.engines.addresses import at_other_addresses
from gradcheck.engines.isolation.isolated_engine import unwrapped
from gradcheck.engines.lifecycle.adapters import is_summed, lifecycle_of, zero_grad_class
from gradcheck.engines.lifecycle.runner import LifecycleEngine, LifecycleRun, OneElementEngine
from gradcheck.engines.objects import interface_of
from gradcheck.engines.protocol import Engine, Reading, Run
from gradcheck.expression import Build, Case, Repeat, ZeroGrad
from gradcheck.kind import Reason
from gradcheck.lifecycle.standard_cases import cases_for, size, standard_cases
from gradcheck.lifecycle.steps import allowed_gradients, check_of, last_graph, single_passes
from gradcheck.lifecycle.verdict import (
    AccumulationVerdict,
    Change,
    LifecycleVerdict,
    UnchangedVerdict,
    first_change,
    nearest_allowed,
)
from gradcheck.oracles.certificate import Certificate, certify
from gradcheck.precision import Precision

_MAY_BE_REFUSED = (Cause.SECOND_BACKWARD, Cause.SHARED_OUTPUTS, Cause.INNER_FIRST)
"""Checks that an engine may answer with an error: its graphs may allow one backward pass only."""


def check_steps(case: Case, engine: Engine) -> LifecycleVerdict:
    """Judge an engine at a case with steps.

    An engine needs one policy for all graphs. So a case with nothing wrong by itself must also
    agree with the smaller standard cases of its check.
    """
    verdict = judge(case, engine)
    if isinstance(verdict, AccumulationVerdict) and verdict.policies:
        for smaller in _smaller(case, engine):
            other = judge(smaller, engine)
            if isinstance(other, AccumulationVerdict) and other.policies:
                verdict = verdict.limited_to(other.policies)
                if verdict.kind.is_finding:
                    break
    return with_code(verdict, engine)


def with_code(verdict: LifecycleVerdict, engine: Engine) -> LifecycleVerdict:
    """Return the verdict with its steps in Python, if it is a finding of an engine of arrays."""
    arrays = unwrapped(engine)
    if not (verdict.kind.is_finding and isinstance(arrays, OneElementEngine)):
        return verdict
    code = arrays.steps_code(
        verdict.case, zero_grad_of=verdict.zero_grad_of, changed=verdict.changed_position
    )
    return replace(verdict, code=code)


def _smaller(case: Case, engine: Engine) -> Iterator[Case]:
    """Yield the standard cases of the same check that are no larger than a case."""
    lifecycle = lifecycle_of(engine)
    resets = lifecycle.resets if lifecycle else ()
    for other in standard_cases(check_of(case), cases_for(engine.operations), resets):
        if other == case or size(other) > size(case):
            return
        yield engine.precision.nearest_case(other)


V = TypeVar("V", bound=LifecycleVerdict)


def judge(case: Case, engine: Engine) -> LifecycleVerdict:
    """Judge an engine at one case with steps; other cases do not count."""
    lifecycle = lifecycle_of(engine)
    if lifecycle is None:
        return _inapplicable(case, engine, Reason.NO_LIFECYCLE)
    resets = {step.on for step in case.steps if isinstance(step, ZeroGrad)}
    if resets and not resets.issubset(lifecycle.resets):
        return _inapplicable(case, engine, Reason.NO_ZERO_GRAD)
    if not all(ask(engine, single).is_right for single in single_passes(case)):
        # That is a finding of its own, which needs no steps.
        return _inapplicable(case, engine, Reason.WRONG_ALONE)
    if check_of(case) in (Cause.UNCHANGED, Cause.SAME_BITS):
        return _judge_unchanged(case, engine, lifecycle)
    return _judge_accumulation(case, engine, lifecycle)


def _judge_accumulation(case: Case, engine: Engine, lifecycle: LifecycleEngine) -> LifecycleVerdict:
    """Compare the final gradients with each of the gradients that are allowed."""
    observed = lifecycle.run_steps(case)
    run = _last_graph_run(case, observed)
    allowed = {
        policy: _certified(Case(expression, case.point), engine.precision)
        for policy, expression in allowed_gradients(case).items()
    }
    nearest = next(iter(allowed.values())) if run.fault else nearest_allowed(run, allowed.values())
    verdict = replace(
        _verdict(AccumulationVerdict, case, engine, run, nearest),
        allowed={} if run.fault else allowed,
        refused=check_of(case) in _MAY_BE_REFUSED and _is_refusal(case, observed),
    )
    if run.fault is None and verdict.number_verdicts[0].kind.is_finding:
        return _inapplicable(case, engine, Reason.WRONG_ALONE)
    return replace(verdict, blame=Blame(verdict.check)) if verdict.kind.is_finding else verdict


def _judge_unchanged(case: Case, engine: Engine, lifecycle: LifecycleEngine) -> LifecycleVerdict:
    """Compare the numbers after a backward pass with those before it, or with those of reruns."""
    *steps, last = case.steps
    once = replace(case, steps=tuple(steps)) if isinstance(last, Repeat) else case
    observed = lifecycle.run_steps(once)
    if observed.fault is not None:
        return _inapplicable(case, engine, Reason.WRONG_ALONE)
    run = _last_graph_run(case, observed)
    if isinstance(last, Repeat):
        change = _change_in_a_rerun(run, once, lifecycle, last.times)
    else:
        change = first_change(_last_graph_run(case, LifecycleRun(observed.snapshots[:-1])), run)
    certificate = _certified(Case(last_graph(case), case.point), engine.precision)
    verdict = replace(_verdict(UnchangedVerdict, case, engine, run, certificate), change=change)
    if change is not None:
        return replace(verdict, blame=Blame(verdict.check, positions=(change.position,)))
    is_wrong_alone = verdict.kind.is_finding
    return _inapplicable(case, engine, Reason.WRONG_ALONE) if is_wrong_alone else verdict


def _change_in_a_rerun(
    run: Run, case: Case, lifecycle: LifecycleEngine, times: int
) -> Change | None:
    """Return the first change between a run and ``times - 1`` further runs, if there is one.

    An engine that keeps nodes in sets adds in the order of their addresses, so each run gets other
    addresses.
    """
    for _ in at_other_addresses(times - 1):
        observed = lifecycle.run_steps(case)
        change = None if observed.fault else first_change(run, _last_graph_run(case, observed))
        if change is not None:
            return change
    return None


def _inapplicable(case: Case, engine: Engine, reason: Reason) -> LifecycleVerdict:
    """Return an undecided verdict: the case cannot be used to check this engine."""
    certificate = _certified(Case(last_graph(case), case.point), engine.precision)
    verdict = _verdict(LifecycleVerdict, case, engine, Run(None, ()), certificate)
    return replace(verdict, inapplicable=reason)


def _verdict(class_: type[V], case: Case, engine: Engine, run: Run, certificate: Certificate) -> V:
    return class_(
        case,
        run,
        certificate,
        finite_differences=(None,) * len(case.point),
        engine=engine.spec,
        interface=interface_of(engine),
        zero_grad_of=zero_grad_class(engine),
        is_summed=is_summed(engine),
    )


def _is_refusal(case: Case, observed: LifecycleRun) -> bool:
    """Tell whether the engine raised an error of its own in the last step."""
    fault = observed.fault
    if fault is None or fault.is_hang or fault.is_memory or fault.ends_process:
        return False
    return len(observed.snapshots) == len(case.steps)


def _last_graph_run(case: Case, observed: LifecycleRun) -> Run:
    """Return the value of the last graph when it was built, and the final values and gradients."""
    if observed.fault is not None:
        return Run(None, (), observed.fault)
    builds = [0, *(i for i, step in enumerate(case.steps, 1) if isinstance(step, Build))]
    value = observed.snapshots[builds[-1]].values[last_graph(case).output]
    last = observed.snapshots[-1]
    others = (None,) * (len(last.values) - len(last.gradients))
    return Run(value, tuple(map(Reading, last.values, (*last.gradients, *others))))


@lru_cache(maxsize=1000)
def _certified(case: Case, precision: Precision) -> Certificate:
    return certify(case, precision)
