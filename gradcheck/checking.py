"""One case under all the witnesses."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache, lru_cache

from gradcheck.blame.cause import Blame
from gradcheck.blame.diagnosis import blame_an_earlier_graph, blame_at
from gradcheck.engines.discovery.discover import object_engine
from gradcheck.engines.faults import Fault
from gradcheck.engines.loading import load_engine
from gradcheck.engines.objects import interface_of
from gradcheck.engines.protocol import Engine, Run
from gradcheck.engines.time_limit import watched
from gradcheck.expression import Case
from gradcheck.finite_difference import FiniteDifference
from gradcheck.lifecycle.judge import check_steps
from gradcheck.oracles.certificate import Certificate, certify, require_agreement
from gradcheck.oracles.slope import default_step, moved, slopes_to_take
from gradcheck.verdict import Verdict


def check(
    case: Case,
    engine: Engine | type | str,
    *,
    step: float | None = None,
    whole_formula: bool = True,
) -> Verdict:
    """Judge an engine's value and gradient at a case.

    The engine is a spec such as ``"micrograd.engine:Value"``, or the class itself. ``step`` is the
    h of the slopes, one near ``sqrt(u) * max(1, |x|)`` unless given; a large expression with
    many inputs has slopes by the first ones only. ``whole_formula=False`` leaves out the second
    symbolic route, which a small expression is otherwise compared with. A case with steps has
    neither slopes nor that route, and its verdict is on what the gradients are in the end.

    The numbers are the nearest ones of the engine's precision. Nothing that the engine does raises
    an error here. Raises ``EngineLoadError`` for a spec that leads nowhere, ``TooLargeError`` for a
    number beyond the engine's range, and ``OracleDisagreementError`` when the harness contradicts
    itself.

    >>> from gradcheck import Case, parse
    >>> verdict = check(Case(parse("tanh(a*b + c)"), (2.0, -3.0, 10.0)), "engine:Value")
    >>> verdict.kind, verdict.gradient[0].backprop
    (<Kind.CORRECT: 'correct'>, -0.004022852049077691)
    """
    engine = as_engine(engine)
    case = engine.precision.nearest_case(case)
    if case.steps:
        with watched():
            return check_steps(case, engine)
    certificate = certify(case, engine.precision)
    agreed = whole_formula and require_agreement(case, certificate)
    with watched():
        run = engine.run(case)
        verdict = Verdict(
            case,
            run,
            certificate,
            _finite_differences(case, engine, run, certificate, step),
            engine=engine.spec,
            interface=interface_of(engine),
            whole_formula_agrees=agreed,
        )
        if verdict.kind.is_finding:
            return replace(verdict, blame=_blame(verdict, engine))
        if (again := engine.run_again(case)) is not None and again != run:
            second = replace(verdict, run=again)
            if second.kind.is_finding:
                blame = blame_an_earlier_graph(case, engine, again, certificate)
                return replace(second, blame=blame)
    return verdict


def as_engine(engine: Engine | type | str) -> Engine:
    """The engine that is meant by its spec or its class; ``EngineLoadError`` for a bad spec."""
    if isinstance(engine, str):
        return _loaded(engine)
    if isinstance(engine, type):
        return _of_class(engine)
    return engine


_loaded = cache(load_engine)


@lru_cache(maxsize=64)
def _of_class(made_by: type) -> Engine:
    spec = f"{made_by.__module__}:{made_by.__qualname__}"
    return object_engine(spec, made_by, sys.modules.get(made_by.__module__))


def _finite_differences(
    case: Case, engine: Engine, run: Run, certificate: Certificate, step: float | None
) -> list[FiniteDifference | None]:
    """By each input, as many as are worth their time."""
    taken = slopes_to_take(case.expression)
    return [
        _finite_difference(case, engine, run, certificate, index, step) if index < taken else None
        for index in range(len(case.point))
    ]


def _finite_difference(
    case: Case, engine: Engine, run: Run, certificate: Certificate, index: int, step: float | None
) -> FiniteDifference | None:
    """A step away by one input, or ``None`` where the engine gives no value there."""
    step = default_step(case.point[index], engine.precision) if step is None else step
    there = moved(case, index, step, engine.precision)
    if run.value is None or there is None:
        return None
    moved_value = engine.value(there)
    if isinstance(moved_value, Fault):
        return None
    return FiniteDifference(case, there, index, step, run.value, moved_value, certificate)


def _blame(verdict: Verdict, engine: Engine) -> Blame | None:
    """What is at fault at the case, or else a step away, where the first wrong slope ends."""
    blame = blame_at(verdict.case, engine, verdict.run, verdict.certificate)
    if blame is not None:
        return blame
    for finite_difference in verdict.finite_differences:
        if finite_difference is not None and finite_difference.is_wrong():
            there = finite_difference.there
            return blame_at(there, engine, engine.run(there), certify(there, engine.precision))
    return None
