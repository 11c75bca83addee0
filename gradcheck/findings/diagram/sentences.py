"""What a picture says in words, above the graph."""

from __future__ import annotations

from gradcheck.comparison import Comparison
from gradcheck.findings.diagram.numbers import BITS, right_bits, short
from gradcheck.kind import Kind
from gradcheck.number_verdict import NumberVerdict
from gradcheck.table import place
from gradcheck.verdict import Verdict

_MOST_ROWS = 2
"""Wrong numbers that are named; the boxes show them all."""

_LONGEST = 100
"""Characters of a line."""


def headline(verdict: Verdict) -> tuple[str, ...]:
    """What is wrong, who is to blame, what was computed, and where."""
    report = verdict.report
    lines = [_what_is_wrong(verdict)]
    if verdict.blame is not None:
        lines.append(f"At fault is {verdict.blame.sentence}")
    lines += [report.formula, place(report.engine, report.case.numbers), report.steps]
    lines = [line for line in lines if line]
    return tuple(line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…" for line in lines)


def _what_is_wrong(verdict: Verdict) -> str:
    if not verdict.kind.is_finding or verdict.case.steps:
        return verdict.conclusion[0]
    if verdict.run.fault is not None:
        return f"{verdict.kind.value.capitalize()}: {verdict.run.fault}"
    names = ("value", *(f"gradient of {name}" for name in verdict.case.expression.inputs))
    numbers = zip(names, verdict.number_verdicts, strict=True)
    wrong = [_said(name, number) for name, number in numbers if number.kind.is_finding]
    more = f", and {len(wrong) - _MOST_ROWS} more" if len(wrong) > _MOST_ROWS else ""
    sentence = ", ".join(wrong[:_MOST_ROWS]) + more
    return sentence[0].upper() + sentence[1:]


def _said(name: str, number: NumberVerdict) -> str:
    """A wrong number and what it should be."""
    if number.kind is Kind.MISSING_GRADIENT:
        return f"no {name}, should be {short(number.backprop.true)}"
    if number.backprop.agrees is False:
        return f"{name} {_instead(number.backprop)}"
    if number.kind is Kind.MUTATED_INPUT:
        return f"input {number.name} was changed"
    assert number.slope is not None  # it is what is wrong
    return f"slope by {number.name} {_instead(number.slope)}"


def _instead(witness: Comparison) -> str:
    returned, true = f"{witness.returned:.4g}", short(witness.true)
    if returned != true:
        return f"is {returned}, should be {true}"
    return f"is {returned}, right to {right_bits(witness)} of {BITS} bits only"
