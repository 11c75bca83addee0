"""A plain Python function, traced at a point and checked there."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from gradcheck.checking import as_engine, check
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Case
from gradcheck.operations import OPERATIONS, Operation
from gradcheck.oracles.certificate import true_result
from gradcheck.traced_number import TraceError
from gradcheck.tracing import Traced, trace_at
from gradcheck.verdict import Verdict


def check_function(
    function: Callable[..., object],
    inputs: Mapping[str, float] | Sequence[float],
    engine: Engine | type | str,
) -> Verdict:
    """Judge an engine's value and gradient of a plain Python function.

    The function is called once: by keyword with a mapping, in order with a sequence, whose numbers
    are named as the parameters, or ``x0``, ``x1``, … in ``*args``. It gets numbers that note what
    is done to them, and that is what the engine computes. Where the function goes on by a value
    (``if x > 0``, ``max(x, y)``), it follows the numbers at this point, as float64 has them; the
    verdict's ``decisions`` tell where it did so.

    Raises ``TraceError`` for what no expression can hold, and for an operation that the engine
    lacks, with the line of the function; otherwise as ``check`` does.

    >>> def squares(*numbers):
    ...     return sum(number * number for number in numbers if number > 0)
    >>> verdict = check_function(squares, [3.0, -1.0, 0.5], "engine:Value")
    >>> [row.backprop for row in verdict.gradient]
    [6.0, 0.0, 1.0]
    """
    engine = as_engine(engine)
    numbers = inputs if isinstance(inputs, Mapping) else _named(function, inputs)
    point = {name: float(number) for name, number in numbers.items()}
    by_position = numbers is not inputs
    engines_point = {name: engine.precision.nearest(x) for name, x in point.items()}
    traced = trace_at(function, engines_point, _evaluate, by_position=by_position)
    _require_operations(traced, engine)
    case = Case(traced.expression, tuple(point.values()))
    return replace(check(case, engine), decisions=traced.decisions)


def _named(function: Callable[..., object], numbers: Sequence[float]) -> dict[str, float]:
    """Numbers by the names of the parameters that take them; ``x0`` and so on for ``*args``."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:  # some functions written in C do not tell
        parameters = []
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [parameter.name for parameter in parameters if parameter.kind in by_position]
    names = names[: len(numbers)]
    names += [f"x{number}" for number in range(len(numbers) - len(names))]
    return dict(zip(names, numbers, strict=True))


def _evaluate(operation: Operation, operands: Sequence[float]) -> float:
    """The float64 nearest to the result, whatever an engine makes of it."""
    return float(true_result(operation, operands).mid())


def _require_operations(traced: Traced, engine: Engine) -> None:
    """Raise ``TraceError`` where the function needs what the engine has not."""
    for operation, place in traced.places.items():
        if operation not in engine.operations:
            there_are = " ".join(o.name for o in OPERATIONS.values() if o in engine.operations)
            message = f"{place}{engine.spec} has no {operation.name}; it has {there_are}"
            raise TraceError(message)
