"""What a picture says in words, above the graph."""

from __future__ import annotations

from gradcheck.comparison import Comparison
from gradcheck.findings.diagram.numbers import BITS, right_bits, short
from gradcheck.judgement import Row
from gradcheck.kind import Kind
from gradcheck.report import report_on
from gradcheck.table import place
from gradcheck.verdict import Verdict

_MOST_ROWS = 2
"""Wrong numbers that are named; the boxes show them all."""

_LONGEST = 100
"""Characters of a line."""


def headline(verdict: Verdict) -> tuple[str, ...]:
    """What is wrong, who is to blame, what was computed, and where."""
    report = report_on(verdict)
    lines = [_what_is_wrong(verdict)]
    if verdict.blame is not None:
        lines.append(f"At fault is {verdict.blame.sentence}")
    lines += [report.formula, place(report)]
    return tuple(line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…" for line in lines)


def _what_is_wrong(verdict: Verdict) -> str:
    if not verdict.kind.is_finding:
        return report_on(verdict).conclusion[0]
    if verdict.run.fault is not None:
        return f"{verdict.kind.value.capitalize()}: {verdict.run.fault}"
    names = ["value", *(f"gradient of {row.name}" for row in verdict.gradient)]
    rows = zip(names, verdict.rows, strict=True)
    wrong = [_said(name, row) for name, row in rows if row.kind.is_finding]
    more = f", and {len(wrong) - _MOST_ROWS} more" if len(wrong) > _MOST_ROWS else ""
    sentence = ", ".join(wrong[:_MOST_ROWS]) + more
    return sentence[0].upper() + sentence[1:]


def _said(name: str, row: Row) -> str:
    """A wrong number and what it should be."""
    if row.kind is Kind.MISSING_GRADIENT:
        return f"no {name}, should be {short(row.backprop.true)}"
    if row.backprop.agrees is False:
        return f"{name} {_instead(row.backprop)}"
    if row.kind is Kind.MUTATED_INPUT:
        return f"input {row.name} was changed"
    assert row.slope is not None  # it is what is wrong
    return f"slope by {row.name} {_instead(row.slope)}"


def _instead(witness: Comparison) -> str:
    returned, true = f"{witness.returned:.4g}", short(witness.true)
    if returned != true:
        return f"is {returned}, should be {true}"
    return f"is {returned}, right to {right_bits(witness)} of {BITS} bits only"
