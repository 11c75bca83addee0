"""Check an engine at a case, or on a plain Python function."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, overload

from gradcheck.blame.cause import Blame
from gradcheck.blame.diagnosis import blame_an_earlier_graph, blame_at
from gradcheck.engines.addresses import at_other_addresses
from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine, what_is_missing
from gradcheck.engines.discovery.discover import object_engine
from gradcheck.engines.loading import EngineLoadError, load_array_engine, load_engine
from gradcheck.engines.objects import interface_of
from gradcheck.engines.protocol import Engine, Run
from gradcheck.engines.time_limit import watched
from gradcheck.errors import UnsupportedCaseError
from gradcheck.expression import Case
from gradcheck.finite_difference import FiniteDifference, finite_difference
from gradcheck.kind import Kind
from gradcheck.lifecycle.judge import check_steps
from gradcheck.nondeterminism import changed_verdict, nondeterministic
from gradcheck.one_element import OneElementCase
from gradcheck.operations import OPERATIONS, Operation
from gradcheck.oracles.certificate import Certificate, certify, require_agreement, true_result
from gradcheck.oracles.slope import slopes_to_take
from gradcheck.report import AnyCase
from gradcheck.suspects import suspects
from gradcheck.traced_number import TraceError
from gradcheck.tracing import Traced, trace_at
from gradcheck.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck.array_checks.verdict import ArrayVerdict
    from gradcheck.arrays.program import ArrayCase

    AnyVerdict = Verdict | ArrayVerdict


@overload
def check(
    case: Case,
    engine: AnyEngine | type | str,
    *,
    step: float | None = None,
    whole_formula: bool = True,
    fail_on: Collection[Kind] = (),
    used_inputs: bool = True,
) -> Verdict: ...
@overload
def check(case: ArrayCase, engine: ArrayEngine | type | str) -> ArrayVerdict: ...
def check(
    case: AnyCase,
    engine: AnyEngine | type | str,
    *,
    step: float | None = None,
    whole_formula: bool = True,
    fail_on: Collection[Kind] = (),
    used_inputs: bool = True,
) -> AnyVerdict:
    """Judge an engine's value and gradient at a case.

    The engine is a spec such as ``"micrograd.engine:Value"``, or the class itself. ``step`` is the
    h of the slopes, by default near ``sqrt(u) * max(1, |x|)``. A large expression with many inputs
    has slopes for the first ones only. ``whole_formula=False`` omits the second symbolic route,
    the derivative of the whole formula, which small expressions are otherwise compared with.
    ``used_inputs=False`` omits the second run, on inputs that another graph has used. A case with
    steps has neither slopes nor these two; its verdict is on the final gradients. ``fail_on`` are
    kinds that prove no fault, and are to be findings all the same.

    Where the case is undecided, and an operation goes wrong alone on the numbers that the engine
    had in it, the verdict is the one on that operation.

    An array case is judged by an engine of arrays, element by element. It takes no options. A case
    of numbers, such as one with steps, is judged by an engine of arrays on arrays of one element.

    The numbers are rounded to the engine's precision. Nothing that the engine does raises an error
    here. Raises ``EngineLoadError`` for a spec that cannot be loaded, ``TooLargeError`` for a
    number beyond the engine's range, ``UnsupportedCaseError`` for an array case with an operation,
    or a form of one, that the engine does not have, and ``OracleDisagreementError`` when the
    harness contradicts itself.

    >>> from gradcheck import Case, parse
    >>> verdict = check(Case(parse("tanh(a*b + c)"), (2.0, -3.0, 10.0)), "engine:Value")
    >>> verdict.kind, verdict.gradient[0].backprop
    (<Kind.CORRECT: 'correct'>, -0.004022852049077691)
    """
    if not isinstance(case, Case):
        return _check_arrays(case, engine)
    engine = as_engine(engine)
    case = engine.precision.nearest_case(case)
    if case.steps:
        with watched():
            return check_steps(case, engine)
    return _check_expression(
        case,
        engine,
        step=step,
        whole_formula=whole_formula,
        fail_on=fail_on,
        used_inputs=used_inputs,
    )


def _check_expression(
    case: Case,
    engine: Engine,
    *,
    step: float | None,
    whole_formula: bool,
    fail_on: Collection[Kind],
    used_inputs: bool,
) -> Verdict:
    """Judge a case without steps."""
    certificate = certify(case, engine.precision)
    agreed = whole_formula and require_agreement(case, certificate)

    def judged() -> Verdict:
        run = engine.run(case)
        return Verdict(
            case,
            run,
            certificate,
            _finite_differences(case, engine, run, certificate, step),
            engine=engine.spec,
            interface=interface_of(engine),
            whole_formula_agrees=agreed,
            fail_on=frozenset(fail_on),
        )

    with watched():
        verdict = judged()
        if verdict.kind.is_finding:
            return _with_cause(verdict, engine, judged)
        if verdict.is_finding:
            return verdict
        for suspect in suspects(verdict, engine.operations):
            alone = check(suspect, engine, whole_formula=False, used_inputs=False)
            if alone.kind.is_finding:
                return replace(alone, step_of=case)
        again = engine.run_on_used_inputs(case) if used_inputs else None
        if again is not None and again != verdict.run:
            second = replace(verdict, run=again)
            if second.kind.is_finding:
                return _after_an_earlier_graph(verdict, second, engine, judged)
    return verdict


def _with_cause(verdict: Verdict, engine: Engine, judged: Callable[[], Verdict]) -> Verdict:
    """Return a finding with its cause, once the case has been run again."""
    if (other := changed_verdict(verdict, judged)) is not None:
        return nondeterministic(verdict, other, engine)
    return replace(verdict, blame=_blame(verdict, engine))


def _after_an_earlier_graph(
    verdict: Verdict, second: Verdict, engine: Engine, judged: Callable[[], Verdict]
) -> Verdict:
    """Return the finding of a second graph on the same inputs, where the first is not wrong.

    The earlier graph is blamed only if every run after it is wrong, and none on new inputs is.
    """

    def on_used_inputs() -> Verdict:
        return replace(verdict, run=engine.run_on_used_inputs(verdict.case) or verdict.run)

    if (other := changed_verdict(verdict, judged)) is not None:
        return nondeterministic(other if other.kind.is_finding else second, verdict, engine)
    if (other := changed_verdict(second, on_used_inputs)) is not None:
        return nondeterministic(second, other, engine)
    blame = blame_an_earlier_graph(verdict.case, engine, second.run, verdict.certificate)
    return replace(second, blame=blame)


def check_any(case: AnyCase, engine: AnyEngine, *, fail_on: Collection[Kind] = ()) -> AnyVerdict:
    """Judge a case of numbers or of arrays, without the derivative of the whole formula."""
    case = case.of_numbers if isinstance(case, OneElementCase) else case
    if isinstance(case, Case):
        return check(case, engine, whole_formula=False, fail_on=fail_on)
    from gradcheck.arrays.program import ArrayCase  # noqa: PLC0415 - needs NumPy

    assert isinstance(case, ArrayCase)
    assert isinstance(engine, ArrayEngine)
    return check(case, engine)


@overload
def check_repeatedly(
    case: Case, engine: AnyEngine, *, times: int, fail_on: Collection[Kind] = ()
) -> Verdict: ...
@overload
def check_repeatedly(
    case: AnyCase, engine: AnyEngine, *, times: int, fail_on: Collection[Kind] = ()
) -> AnyVerdict: ...
def check_repeatedly(
    case: AnyCase, engine: AnyEngine, *, times: int, fail_on: Collection[Kind] = ()
) -> AnyVerdict:
    """Judge a case several times, and return the first finding, or else the last verdict.

    Each time its inputs are new, and their addresses other ones. The derivative of the whole
    formula is left out.
    """
    for _ in at_other_addresses(times):
        verdict = check_any(case, engine, fail_on=fail_on)
        if verdict.is_finding:
            break
    return verdict


def as_engine(engine: AnyEngine | type | str) -> Engine:
    """Return the engine of numbers for a spec, a class, or an engine of arrays.

    Raises ``EngineLoadError`` for a bad spec, and for arrays that cannot be taken for numbers.
    """
    if isinstance(engine, str):
        return _loaded(engine)
    if isinstance(engine, type):
        return _of_class(engine)
    return _driving_numbers(engine) if isinstance(engine, ArrayEngine) else engine


def _driving_numbers(engine: ArrayEngine) -> Engine:
    from gradcheck.engines.arrays.numbers import as_numbers  # noqa: PLC0415 - needs NumPy

    numbers = as_numbers(engine)
    if numbers is None:
        message = f"{engine.spec} is an engine of arrays that keeps no graphs, and takes no numbers"
        raise EngineLoadError(message)
    return numbers


_loaded = cache(load_engine)


def _check_arrays(case: AnyCase, engine: AnyEngine | type | str) -> ArrayVerdict:
    from gradcheck.array_checks.checking import check_arrays  # noqa: PLC0415 - needs NumPy
    from gradcheck.arrays.program import ArrayCase  # noqa: PLC0415

    assert isinstance(case, ArrayCase)
    engine = as_array_engine(engine)
    if missing := what_is_missing(case, engine):
        message = f"{missing}; `gradcheck engines {engine.spec}` shows what it has"
        raise UnsupportedCaseError(message)
    return check_arrays(case, engine)


def as_array_engine(engine: AnyEngine | type | str) -> ArrayEngine:
    """Return the engine of arrays for a spec or a class. Raises ``EngineLoadError``."""
    if isinstance(engine, ArrayEngine):
        return engine
    if isinstance(engine, type):
        from gradcheck.engines.arrays.discovery.discover import array_engine  # noqa: PLC0415

        spec = f"{engine.__module__}:{engine.__qualname__}"
        return array_engine(spec, engine, sys.modules.get(engine.__module__))
    return _loaded_arrays(engine if isinstance(engine, str) else engine.spec)


_loaded_arrays = cache(load_array_engine)


@lru_cache(maxsize=64)
def _of_class(class_: type) -> Engine:
    spec = f"{class_.__module__}:{class_.__qualname__}"
    return object_engine(spec, class_, sys.modules.get(class_.__module__))


def _finite_differences(
    case: Case, engine: Engine, run: Run, certificate: Certificate, step: float | None
) -> list[FiniteDifference | None]:
    """Return a finite difference for each input, ``None`` for those that would take too long."""
    taken = slopes_to_take(case.expression)
    return [
        finite_difference(case, engine, run, certificate, index, step) if index < taken else None
        for index in range(len(case.point))
    ]


def _blame(verdict: Verdict, engine: Engine) -> Blame | None:
    """Return the blame at the case, or else at the moved case of the first wrong slope."""
    blame = blame_at(verdict.case, engine, verdict.run, verdict.certificate)
    if blame is not None:
        return blame
    for difference in verdict.finite_differences:
        if difference is not None and difference.is_wrong():
            moved_case = difference.moved_case
            certificate = certify(moved_case, engine.precision)
            return blame_at(moved_case, engine, engine.run(moved_case), certificate)
    return None


@overload
def check_function(
    function: Callable[..., object],
    inputs: Mapping[str, float] | Sequence[float],
    engine: Engine | type | str,
) -> Verdict: ...
@overload
def check_function(
    function: Callable[..., object],
    inputs: Mapping[str, object] | Sequence[object],
    engine: AnyEngine | type | str,
) -> AnyVerdict: ...
def check_function(
    function: Callable[..., object],
    inputs: Mapping[str, Any] | Sequence[Any],
    engine: AnyEngine | type | str,
) -> AnyVerdict:
    """Judge an engine's value and gradient of a plain Python function.

    The function is called once, by keyword for a mapping, by position for a sequence. The numbers
    of a sequence are named like the parameters, or ``x0``, ``x1``, … for ``*args``. The arguments
    are objects that record the operations on them; the engine then computes these operations. Where
    the function branches on a value (``if x > 0``, ``max(x, y)``), the float64 numbers at this
    point decide, and the verdict's ``decisions`` list the place.

    If an input is an array, a list or a NumPy array, it is a function of arrays: operators, methods
    such as ``x.sum(axis=0)`` and NumPy's functions are recorded, and all inputs are passed by name.

    Raises ``TraceError``, with the line of the function, for what no expression can contain and for
    an operation that the engine does not have. Raises otherwise as ``check`` does.

    >>> def squares(*numbers):
    ...     return sum(number * number for number in numbers if number > 0)
    >>> verdict = check_function(squares, [3.0, -1.0, 0.5], "engine:Value")
    >>> [row.backprop for row in verdict.gradient]
    [6.0, 0.0, 1.0]
    """
    numbers = inputs if isinstance(inputs, Mapping) else _named(function, inputs)
    if isinstance(engine, ArrayEngine) or any(map(_is_array, numbers.values())):
        return _check_array_function(function, numbers, engine)
    engine = as_engine(engine)
    point = {name: float(number) for name, number in numbers.items()}
    by_position = numbers is not inputs
    engines_point = {name: engine.precision.nearest(x) for name, x in point.items()}
    traced = trace_at(function, engines_point, _evaluate, by_position=by_position)
    _require_operations(traced, engine)
    case = Case(traced.expression, tuple(point.values()))
    return replace(check(case, engine), decisions=traced.decisions)


def _is_array(number: object) -> bool:
    return isinstance(number, list | tuple) or bool(getattr(number, "ndim", 0))


def _check_array_function(
    function: Callable[..., object],
    inputs: Mapping[str, object],
    engine: AnyEngine | type | str,
) -> ArrayVerdict:
    import numpy as np  # noqa: PLC0415 - only arrays need it

    from gradcheck.arrays.tracing import trace_arrays  # noqa: PLC0415

    engine = as_array_engine(engine)
    arrays = {name: np.array(array, dtype=np.float64) for name, array in inputs.items()}
    case = trace_arrays(function, arrays)
    try:
        return check(case, engine)
    except UnsupportedCaseError as error:
        raise TraceError(str(error)) from None


def _named(function: Callable[..., object], numbers: Sequence[float]) -> dict[str, float]:
    """Return the numbers by the names of their parameters; ``x0`` and so on for ``*args``."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:  # some functions written in C have no signature
        parameters = []
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [parameter.name for parameter in parameters if parameter.kind in by_position]
    names = names[: len(numbers)]
    names += [f"x{number}" for number in range(len(numbers) - len(names))]
    return dict(zip(names, numbers, strict=True))


def _evaluate(operation: Operation, operands: Sequence[float]) -> float:
    """Return the float64 nearest to the true result, whatever an engine would return."""
    return float(true_result(operation, operands).mid())


def _require_operations(traced: Traced, engine: Engine) -> None:
    """Raise ``TraceError`` where the function needs an operation that the engine does not have."""
    for operation, place in traced.places.items():
        if not operation.is_among(engine.operations):
            there_are = " ".join(o.name for o in OPERATIONS.values() if o in engine.operations)
            message = f"{place}{engine.spec} has no {operation.name}; it has {there_are}"
            raise TraceError(message)
