"""One case under all the witnesses."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache, lru_cache

from gradcheck.adapters.engine import Engine, Fault, Run
from gradcheck.adapters.loading import load_engine
from gradcheck.adapters.looking import engine_of
from gradcheck.adapters.objects import ObjectEngine
from gradcheck.adapters.time_limit import watched
from gradcheck.blame.cause import Blame
from gradcheck.blame.diagnosis import blame_an_earlier_graph, blame_at
from gradcheck.expression import Case
from gradcheck.far_end import FarEnd
from gradcheck.kind import Kind, Reason
from gradcheck.oracles.certificate import Certificate, certify, require_agreement
from gradcheck.oracles.slope import default_step, moved, slopes_to_take
from gradcheck.verdict import Row, Verdict
from gradcheck.witness import Witness, gradient_fault, value_fault


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
    symbolic route, which a small expression is otherwise compared with.

    The numbers are the nearest ones of the engine's precision. Nothing that the engine does raises
    an error here. Raises ``EngineLoadError`` for a spec that leads nowhere, ``TooLargeError`` for a
    number beyond the engine's range, and ``OracleDisagreementError`` when the harness contradicts
    itself.

    >>> from gradcheck import Case, parse
    >>> verdict = check(Case(parse("tanh(a*b + c)"), (2.0, -3.0, 10.0)), "engine:Value")
    >>> verdict.kind, verdict.gradient[0].backprop.returned
    (<Kind.CORRECT: 'correct'>, -0.004022852049077691)
    """
    engine = as_engine(engine)
    case = engine.precision.nearest_case(case)
    certificate = certify(case, engine.precision)
    agreed = whole_formula and require_agreement(case, certificate)
    with watched():
        run = engine.run(case)
        far_ends = _far_ends(case, engine, run, certificate, step)
        rows = _judge_run(case, run, certificate, far_ends)
        blame = None
        if _gravest(rows).is_finding:
            blame = _blame(case, engine, run, certificate, far_ends)
        elif (again := engine.run_again(case)) is not None and again != run:
            rows_again = _judge_run(case, again, certificate, far_ends)
            if _gravest(rows_again).is_finding:
                run, rows = again, rows_again
                blame = blame_an_earlier_graph(case, engine, run, certificate)
    value, *gradient = rows
    return Verdict(
        case=case,
        engine=engine.spec,
        value=value,
        gradient=tuple(gradient),
        run=run,
        certificate=certificate,
        kind=_gravest(rows),
        blame=blame,
        whole_formula_agrees=agreed,
        # A class derived from it may drive its objects in ways that no shape tells.
        shape=engine.shape if type(engine) is ObjectEngine else None,
    )


def _judge_run(
    case: Case, run: Run, certificate: Certificate, far_ends: Sequence[FarEnd | None]
) -> list[Row]:
    gradient = (
        _gradient_row(case, run, certificate, index, far_end)
        for index, far_end in enumerate(far_ends)
    )
    return [_value_row(case, run, certificate), *gradient]


def _gravest(rows: Sequence[Row]) -> Kind:
    return min((row.kind for row in rows), key=lambda kind: kind.gravity)


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
    return engine_of(spec, made_by, sys.modules.get(made_by.__module__))


def _value_row(case: Case, run: Run, certificate: Certificate) -> Row:
    output = Witness(run.value, certificate.values[case.expression.output])
    if run.value is None:
        return Row("value", output, None, *_stopped(run.fault, certificate))
    return Row("value", output, None, *_judged(output, value_fault(output)))


def _gradient_row(
    case: Case, run: Run, certificate: Certificate, index: int, far_end: FarEnd | None
) -> Row:
    name = case.expression.inputs[index]
    certified = certificate.adjoints[index]
    if run.fault is not None:
        return Row(name, Witness(None, certified), far_end, *_stopped(run.fault, certificate))
    reading, used = run.readings[index], case.expression.used[index]
    fault = gradient_fault(reading.adjoint, certified, used=used)
    if fault is Kind.MISSING_GRADIENT:
        return Row(name, Witness(None, certified), far_end, fault)
    backprop = Witness(reading.adjoint or 0.0, certified)
    kind, undecided = _judged(backprop, fault)
    if not kind.is_finding and reading.value != case.point[index]:
        kind, undecided = Kind.MUTATED_INPUT, None
    elif not kind.is_finding and far_end is not None and far_end.is_wrong():
        kind, undecided = (Kind.WRONG_VALUE if far_end.slope.is_finite else Kind.NON_FINITE), None
    return Row(name, backprop, far_end, kind, undecided)


def _judged(witness: Witness, fault: Kind | None) -> tuple[Kind, Reason | None]:
    if fault is not None:
        return fault, None
    reason = witness.undecided
    return (Kind.CORRECT if reason is None else Kind.UNDECIDED), reason


def _stopped(fault: Fault | None, certificate: Certificate) -> tuple[Kind, Reason | None]:
    """A crash or a hang; nothing is decided where an engine may raise an error as it had to."""
    if fault is not None and fault.is_hang:
        return Kind.HANG, None
    # Of both passes, as many engines work out their local partials while they go forward.
    balls = (*certificate.values, *certificate.adjoints)
    if all(ball.in_range for ball in balls):
        return Kind.CRASH, None
    outside = any(ball.truth.is_nan() for ball in balls)
    return Kind.UNDECIDED, Reason.DOMAIN if outside else Reason.OVERFLOW


def _far_ends(
    case: Case, engine: Engine, run: Run, certificate: Certificate, step: float | None
) -> list[FarEnd | None]:
    """By each input, as many as are worth their time."""
    taken = slopes_to_take(case.expression)
    return [
        _far_end(case, engine, run, certificate, index, step) if index < taken else None
        for index in range(len(case.point))
    ]


def _far_end(
    case: Case, engine: Engine, run: Run, certificate: Certificate, index: int, step: float | None
) -> FarEnd | None:
    """A step away by one input, or ``None`` where the engine gives no value there."""
    step = default_step(case.point[index], engine.precision) if step is None else step
    there = moved(case, index, step, engine.precision)
    if run.value is None or there is None:
        return None
    value_there = engine.value(there)
    if isinstance(value_there, Fault):
        return None
    return FarEnd(case, there, index, step, run.value, value_there, certificate)


def _blame(
    case: Case,
    engine: Engine,
    run: Run,
    certificate: Certificate,
    far_ends: Sequence[FarEnd | None],
) -> Blame | None:
    """What is at fault at the case, or else at the far end of the first slope that is wrong."""
    blame = blame_at(case, engine, run, certificate)
    if blame is not None:
        return blame
    for far_end in far_ends:
        if far_end is not None and far_end.is_wrong():
            there = far_end.there
            return blame_at(there, engine, engine.run(there), certify(there, engine.precision))
    return None
