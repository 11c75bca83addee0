"""Judging a case with steps."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from gradcheck.blame.cause import Blame, Cause
from gradcheck.blame.probe import ask
from gradcheck.engines.lifecycle.adapters import lifecycle_of, zero_grad_class
from gradcheck.engines.lifecycle.runner import LifecycleEngine, LifecycleRun
from gradcheck.engines.objects import interface_of
from gradcheck.engines.protocol import Engine, Reading, Run
from gradcheck.expression import Build, Case, Repeat, ZeroGrad
from gradcheck.kind import Reason
from gradcheck.lifecycle.expressions import cases_for
from gradcheck.lifecycle.scenarios import scenarios, size
from gradcheck.lifecycle.steps import check_of, ends_of, last_graph, passes
from gradcheck.lifecycle.verdict import (
    AgainVerdict,
    Change,
    EndsVerdict,
    LifecycleVerdict,
    first_change,
    nearest_end,
)
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import Certificate, certify
from gradcheck.precision import Precision

_MAY_BE_REFUSED = (Cause.SECOND_BACKWARD, Cause.SHARED_OUTPUTS, Cause.INNER_FIRST)
"""A graph may be good for one backward pass only."""

_SIZES = [*range(1, 480, 16)] * 10
"""Bytes, in all the sizes in which Python hands out memory to small objects."""


def check_steps(case: Case, engine: Engine) -> LifecycleVerdict:
    """Judge an engine at a case with steps.

    An engine chooses once what becomes of gradients. So where nothing is wrong with the case by
    itself, it has to agree with the smaller ones among the standard cases of its check.
    """
    verdict = judge(case, engine)
    if isinstance(verdict, EndsVerdict) and verdict.fitting:
        for smaller in _smaller(case, engine):
            other = judge(smaller, engine)
            if isinstance(other, EndsVerdict) and other.fitting:
                verdict = verdict.limited_to(other.fitting)
                if verdict.kind.is_finding:
                    break
    return verdict


def _smaller(case: Case, engine: Engine) -> Iterator[Case]:
    """The standard cases of the same check that come before a case."""
    live = lifecycle_of(engine)
    standard = scenarios(check_of(case), _standard(engine.operations), live.resets if live else ())
    for other in standard:
        if other == case or size(other) > size(case):
            return
        yield engine.precision.nearest_case(other)


V = TypeVar("V", bound=LifecycleVerdict)


@lru_cache(maxsize=8)
def _standard(operations: frozenset[Operation]) -> list[Case]:
    return cases_for(operations)


def judge(case: Case, engine: Engine) -> LifecycleVerdict:
    """Judge an engine at a case with steps by itself, whatever it does at others."""
    live = lifecycle_of(engine)
    if live is None:
        return _inapplicable(case, engine, Reason.NO_LIFECYCLE)
    resets = {step.on for step in case.steps if isinstance(step, ZeroGrad)}
    if resets and not resets.issubset(live.resets):
        return _inapplicable(case, engine, Reason.NO_ZERO_GRAD)
    if not all(ask(engine, single).is_right for single in passes(case)):
        # A finding of its own, without any steps.
        return _inapplicable(case, engine, Reason.WRONG_ALONE)
    if check_of(case) in (Cause.UNCHANGED, Cause.SAME_BITS):
        return _judged_again(case, engine, live)
    return _judged_end(case, engine, live)


def _judged_end(case: Case, engine: Engine, live: LifecycleEngine) -> LifecycleVerdict:
    """The gradients in the end, beside all that they may be."""
    lived = live.run_steps(case)
    run = _observed(case, lived)
    ends = {
        words: _certified(Case(end, case.point), engine.precision)
        for words, end in ends_of(case).items()
    }
    nearest = next(iter(ends.values())) if run.fault else nearest_end(run, ends.values())
    verdict = replace(
        _verdict(EndsVerdict, case, engine, run, nearest),
        ends={} if run.fault else ends,
        refused=check_of(case) in _MAY_BE_REFUSED and _is_refusal(case, lived),
    )
    if run.fault is None and verdict.judged[0].kind.is_finding:
        return _inapplicable(case, engine, Reason.WRONG_ALONE)
    return replace(verdict, blame=Blame(verdict.check)) if verdict.kind.is_finding else verdict


def _judged_again(case: Case, engine: Engine, live: LifecycleEngine) -> LifecycleVerdict:
    """The numbers after a backward pass beside those before it, or beside those of other runs."""
    *steps, last = case.steps
    once = replace(case, steps=tuple(steps)) if isinstance(last, Repeat) else case
    lived = live.run_steps(once)
    if lived.fault is not None:
        return _inapplicable(case, engine, Reason.WRONG_ALONE)
    run = _observed(case, lived)
    if isinstance(last, Repeat):
        change = _change_in_another_run(run, once, live, last.times)
    else:
        change = first_change(_observed(case, LifecycleRun(lived.snapshots[:-1])), run)
    certificate = _certified(Case(last_graph(case), case.point), engine.precision)
    verdict = replace(_verdict(AgainVerdict, case, engine, run, certificate), change=change)
    if change is not None:
        return replace(verdict, blame=Blame(verdict.check, positions=(change.position,)))
    wrong_alone = verdict.kind.is_finding  # and the numbers stay as wrong as they are
    return _inapplicable(case, engine, Reason.WRONG_ALONE) if wrong_alone else verdict


def _change_in_another_run(
    run: Run, case: Case, live: LifecycleEngine, times: int
) -> Change | None:
    """What changes when a case is run as often as that in all.

    The order of additions hangs on addresses where an engine keeps nodes in sets, so in each run
    these are others.
    """
    draw = random.Random(0)  # noqa: S311 - to leave gaps, not to hide anything
    for _ in range(times - 1):
        in_the_way = [*map(bytes, _SIZES)]
        in_the_way = draw.sample(in_the_way, len(in_the_way) // 2)
        lived = live.run_steps(case)
        change = None if lived.fault else first_change(run, _observed(case, lived))
        if change is not None:
            return change
    return None


def _inapplicable(case: Case, engine: Engine, reason: Reason) -> LifecycleVerdict:
    """The verdict where a case says nothing about an engine."""
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
    )


def _is_refusal(case: Case, lived: LifecycleRun) -> bool:
    """Whether an engine raised an error of its own when it was asked for the last step."""
    fault = lived.fault
    if fault is None or fault.is_hang or fault.is_memory or fault.ends_process:
        return False
    return len(lived.snapshots) == len(case.steps)


def _observed(case: Case, lived: LifecycleRun) -> Run:
    """What was seen of the last graph: its value as it was built, and the rest in the end."""
    if lived.fault is not None:
        return Run(None, (), lived.fault)
    builds = [0, *(i for i, step in enumerate(case.steps, 1) if isinstance(step, Build))]
    value = lived.snapshots[builds[-1]].values[last_graph(case).output]
    last = lived.snapshots[-1]
    others = (None,) * (len(last.values) - len(last.gradients))
    return Run(value, tuple(map(Reading, last.values, (*last.gradients, *others))))


@lru_cache(maxsize=1000)
def _certified(case: Case, precision: Precision) -> Certificate:
    return certify(case, precision)
