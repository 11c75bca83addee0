"""Trace a plain Python function: record what it does to its arguments as an expression."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gradcheck.expression import Expression
from gradcheck.operations import Operation
from gradcheck.traced_number import Evaluate, Tape, TraceError

_MAX_NAMES = 8
"""Inputs up to which a message names them all."""


@dataclass(frozen=True, slots=True)
class Traced:
    """The trace of a function at a point.

    ``decisions`` are the places where it branched on a value, each with the branch taken.
    ``places`` gives for each operation the place where it was first used.
    """

    expression: Expression
    decisions: tuple[str, ...]
    places: Mapping[Operation, str]


def trace(function: Callable[..., object], names: Sequence[str]) -> Expression:
    """Return the expression that a plain Python function computes, with the given input names.

    The function is called once, by keyword, with objects that record every operation of the table.
    Plain numbers become constants. Raises ``TraceError`` where the function does anything else to
    these objects: another operation, a comparison, ``float()``.

    >>> from gradcheck.formula import write
    >>> write(trace(lambda a, b: (2*a*b + 3).tanh(), ["a", "b"]))
    'tanh(2*a*b + 3)'
    """
    return _traced(function, names, Tape(names), by_position=False).expression


def trace_at(
    function: Callable[..., object],
    point: Mapping[str, float],
    evaluate: Evaluate,
    *,
    by_position: bool = False,
) -> Traced:
    """Trace a function at a point; the numbers there decide comparisons and conditions.

    ``evaluate`` computes the numbers that a decision needs, and no others. The function is called
    by keyword, or ``by_position`` in the order of the point.
    """
    names = list(point)
    tape = Tape(names, list(point.values()), evaluate)
    return _traced(function, names, tape, by_position=by_position)


def _traced(
    function: Callable[..., object], names: Sequence[str], tape: Tape, *, by_position: bool
) -> Traced:
    arguments = tape.inputs if by_position else []
    keywords = {} if by_position else dict(zip(names, tape.inputs, strict=True))
    _require_parameters(function, names, arguments, keywords)
    returned = function(*arguments, **keywords)
    output = tape.position(returned)
    if output is None:
        message = f"{_place(function)} returns a {type(returned).__name__}, not a number"
        raise TraceError(message)
    return Traced(Expression(tuple(tape.nodes), output), tuple(tape.decisions), tape.places)


def _require_parameters(
    function: Callable[..., object],
    names: Sequence[str],
    arguments: Sequence[object],
    keywords: Mapping[str, object],
) -> None:
    try:
        signature = inspect.signature(function)
    except ValueError:  # some functions written in C have no signature
        return
    try:
        signature.bind(*arguments, **keywords)
    except TypeError as error:
        few = len(names) <= _MAX_NAMES
        given = (", ".join(names) or "no numbers") if few else f"{len(names)} numbers"
        message = f"{_place(function)} takes {signature}, but is given {given}: {error}"
        raise TraceError(message) from None


def _place(function: Callable[..., object]) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    code = getattr(function, "__code__", None)
    return name if code is None else f"{code.co_filename}:{code.co_firstlineno}: {name}"
