"""The text of a diagram: its headline, and numbers in four digits or as a count of correct bits."""

from __future__ import annotations

import math

from gradcheck.comparison import Comparison
from gradcheck.kind import Kind
from gradcheck.number_verdict import NumberVerdict
from gradcheck.table import place
from gradcheck.verdict import Verdict

_BITS = 53
"""Significant bits of a float64."""

_MAX_ROWS = 2
"""Wrong numbers in the headline; the boxes show them all."""

_MAX_LENGTH = 100
"""Characters of a line of the headline."""


def short(number: float) -> str:
    """Return a number in four digits."""
    return f"{number:.4g}"


def compared(name: str, number: Comparison, *, is_missing: bool = False) -> tuple[str, ...]:
    """Return the lines for a number; below a wrong one, the true number or the correct bits."""
    true = short(number.true)
    if is_missing:
        return (f"no {name} WRONG", f"true {true}")
    if number.returned is None:
        return (f"true {name} {true}",)
    returned = short(number.returned)
    if number.agrees is not False:
        return (f"{name} {returned}",)
    if returned != true:
        return (f"{name} {returned} WRONG", f"true {true}")
    return (f"{name} {returned} WRONG", f"correct to {correct_bits(number)} of {_BITS} bits")


def correct_bits(number: Comparison) -> int:
    """Return how many leading bits of a wrong number are correct."""
    error = number.relative_error
    return 0 if error >= 1.0 else min(_BITS, math.floor(-math.log2(error)))


def in_full(name: str, number: Comparison) -> str:
    """Return the number, the true one and the bound with all digits."""
    bound = number.allowed_error
    allowed = "no bound" if math.isnan(bound) else f"allowed error {bound!r}"
    returned = "none" if number.returned is None else repr(number.returned)
    return f"{name} {returned} (true {number.true!r}, {allowed})"


def headline(verdict: Verdict) -> tuple[str, ...]:
    """Return lines on what is wrong, what is to blame, the formula, the engine and the point."""
    report = verdict.report
    lines = [_conclusion(verdict)]
    if verdict.blame is not None:
        lines.append(f"At fault is {verdict.blame.sentence}")
    lines += [report.formula, place(report.engine, report.case.numbers), report.steps]
    return tuple(shortened(line) for line in lines if line)


def shortened(line: str) -> str:
    """Return a line of the headline, shortened if it is long."""
    return line if len(line) <= _MAX_LENGTH else f"{line[: _MAX_LENGTH - 1]}…"


def _conclusion(verdict: Verdict) -> str:
    is_about_runs = verdict.case.steps or verdict.kind is Kind.NONDETERMINISTIC
    if not verdict.kind.is_finding or is_about_runs:
        return verdict.conclusion[0]
    if verdict.run.fault is not None:
        return f"{verdict.kind.value.capitalize()}: {verdict.run.fault}"
    names = ("value", *(f"gradient of {name}" for name in verdict.case.expression.inputs))
    numbers = zip(names, verdict.number_verdicts, strict=True)
    wrong = [_wrong(name, number) for name, number in numbers if number.kind.is_finding]
    more = f", and {len(wrong) - _MAX_ROWS} more" if len(wrong) > _MAX_ROWS else ""
    sentence = ", ".join(wrong[:_MAX_ROWS]) + more
    return sentence[0].upper() + sentence[1:]


def _wrong(name: str, number: NumberVerdict) -> str:
    """Return a wrong number and what it should be."""
    if number.kind is Kind.MISSING_GRADIENT:
        return f"no {name}, should be {short(number.backprop.true)}"
    if number.backprop.agrees is False:
        return f"{name} {_is_and_should_be(number.backprop)}"
    if number.kind is Kind.MUTATED_INPUT:
        return f"input {number.name} was changed"
    assert number.slope is not None  # nothing else can be wrong
    return f"slope with respect to {number.name} {_is_and_should_be(number.slope)}"


def _is_and_should_be(number: Comparison) -> str:
    assert number.returned is not None  # it is wrong
    returned, true = short(number.returned), short(number.true)
    if returned != true:
        return f"is {returned}, should be {true}"
    return f"is {returned}, correct to {correct_bits(number)} of {_BITS} bits"
