"""A check that compares gradients: which of the ways that a life may end an engine has chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from gradcheck.comparison import gradient_fault
from gradcheck.engines.lifecycle.protocol import Lifecycle, LifecycleEngine, LifecycleRun
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Case
from gradcheck.lifecycle.result import Broken, Outcome, Raised, Result, WrongEnd
from gradcheck.lifecycle.scenario import Scenario, backward_passes
from gradcheck.oracles.certificate import Certified, certify
from gradcheck.precision import Precision

NOTHING_TO_JUDGE = "no expression that it gets right by itself: see what fuzz finds"


def judge(
    check: str,
    live: LifecycleEngine,
    scenarios: Iterable[Scenario],
    *,
    is_right: Callable[[Case], bool],
    precision: Precision,
    may_refuse: bool,
) -> Result:
    """Live through the scenarios, the smallest first, until one ends as none may end.

    Within one life all inputs must agree on how it ends, and all lives must agree with the ones
    before, as far as these tell the ends apart. What is not right by itself is left out: that is a
    finding of its own. With ``may_refuse`` an error in the last step is an answer, too.
    """
    chosen: set[str] | None = None
    refusal, lives = "", 0
    for scenario in scenarios:
        if not all(map(is_right, backward_passes(scenario.life))):
            continue
        lived = live.live(scenario.life)
        lives += 1
        if lived.fault is not None:
            if not (may_refuse and _is_refusal(scenario.life, lived)):
                return _broken(check, lives, Broken(scenario.life, Raised(lived.fault)))
            refusal = refusal or str(lived.fault)
            continue
        gradients = lived.moments[-1].gradients
        point = scenario.life.point
        ends = {name: _certified(Case(e, point), precision) for name, e in scenario.ends.items()}
        fitting = {name for name, end in ends.items() if _fits(gradients, end)}
        agreed = fitting if chosen is None else fitting & chosen
        if not agreed:
            as_before = bool(fitting)
            if as_before:
                ends = {name: end for name, end in ends.items() if name in (chosen or ())}
            evidence = WrongEnd(gradients, ends, as_before)
            return _broken(check, lives, Broken(scenario.life, evidence))
        chosen = agreed
    return _whole(check, chosen, refusal, lives)


def _whole(check: str, chosen: set[str] | None, refusal: str, lives: int) -> Result:
    if refusal:
        return Result(check, Outcome.REFUSED, refusal, lives)
    if chosen is None:
        return Result(check, Outcome.NOT_APPLICABLE, NOTHING_TO_JUDGE)
    return Result(check, Outcome.HOLDS, " or ".join(sorted(chosen)), lives)


def _broken(check: str, lives: int, broken: Broken) -> Result:
    return Result(check, Outcome.BROKEN, "", lives, broken)


def _is_refusal(life: Lifecycle, lived: LifecycleRun) -> bool:
    """Whether an engine raised an error of its own when it was asked for the last step."""
    fault = lived.fault
    assert fault is not None
    is_error = not (fault.is_hang or fault.is_memory or fault.ends_process)
    return is_error and len(lived.moments) == len(life.steps) - 1


def _fits(gradients: tuple[float | None, ...], end: tuple[Certified, ...]) -> bool:
    """Whether nothing is proved against gradients; none at all counts as zero."""
    pairs = zip(gradients, end, strict=True)
    return all(gradient_fault(g or 0.0, certified, used=True) is None for g, certified in pairs)


@lru_cache(maxsize=1000)
def _certified(case: Case, precision: Precision) -> tuple[Certified, ...]:
    return tuple(certify(case, precision).adjoints[: len(case.point)])


def right_alone(engine: Engine) -> Callable[[Case], bool]:
    """A function that tells whether an engine gets a case right that is all it is asked for."""
    answers: dict[Case, bool] = {}

    def is_right(case: Case) -> bool:
        if case not in answers:
            run = engine.run(case)
            gradients = tuple(reading.adjoint for reading in run.readings[: len(case.point)])
            answers[case] = run.fault is None and _fits(
                gradients, _certified(case, engine.precision)
            )
        return answers[case]

    return is_right
