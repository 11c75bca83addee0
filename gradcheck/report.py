"""A verdict in words and as a table, for terminals and for error messages."""

from __future__ import annotations

import io
import math

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from gradcheck.formula import write
from gradcheck.kind import Kind
from gradcheck.oracles.symbolic import derivatives_as_text
from gradcheck.verdict import Row, Verdict
from gradcheck.witness import Witness

WIDTH = 160
"""Columns, where the text does not go to a terminal: wide enough for every number."""

_LONGEST_DERIVATIVE = 60

_MOST_PARTS = 12


def as_text(verdict: Verdict) -> str:
    """The report on a verdict as plain text."""
    console = Console(file=io.StringIO(), width=WIDTH, color_system=None)
    console.print(render(verdict))
    written = console.file
    assert isinstance(written, io.StringIO)
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines())


def render(verdict: Verdict) -> RenderableType:
    """The case, the table of witnesses, the derivatives if they are short, and the conclusion."""
    heading = Text(f"{_shortened(write(verdict.case.expression))}\n{_point(verdict)}")
    parts: list[RenderableType] = [heading, _table(verdict)]
    parts += [Text(line) for line in _derivatives(verdict)]
    return Group(*parts, Text(conclusion(verdict), style=f"bold {_style(verdict.kind)}"))


def _table(verdict: Verdict) -> Table:
    """The witnesses, a row for each number. No column gets too narrow for its numbers."""
    titles = ("", "backprop", "symbolic", "slope", "allowed error", "verdict")
    rows = [_cells(row) for row in verdict.rows]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title, cells in zip(titles, zip(*rows, strict=True), strict=True):
        table.add_column(
            title,
            justify="left" if title in ("", "verdict") else "right",
            min_width=max(map(len, (title, *cells))),
        )
    for row, cells in zip(verdict.rows, rows, strict=True):
        table.add_row(*map(Text, cells), style=_style(row.kind))
    return table


def _shortened(formula: str) -> str:
    parts = formula.split("; ")
    if len(parts) > _MOST_PARTS:
        half = _MOST_PARTS // 2
        parts = [*parts[:half], f"… {len(parts) - 2 * half} more parts …", *parts[-half:]]
    return "; ".join(parts)


def _point(verdict: Verdict) -> str:
    numbers = [f"{name} = {value!r}" for name, value in verdict.case.numbers.items()]
    return f"{verdict.engine} at {', '.join(numbers)}" if numbers else verdict.engine


def _cells(row: Row) -> tuple[str, ...]:
    returned = row.backprop.returned
    return (
        row.name,
        "none" if returned is None else repr(returned),
        repr(row.backprop.true),
        "" if row.slope is None else f"{row.slope.returned!r} ± {_allowed(row.slope)}",
        _allowed(row.backprop),
        row.kind.value,
    )


def _allowed(witness: Witness) -> str:
    allowed = witness.allowed_error
    return "no bound" if math.isnan(allowed) else f"{allowed:.1e}" if allowed else "0"


def _style(kind: Kind) -> str:
    return "red" if kind.is_finding else "yellow" if kind is Kind.UNDECIDED else "green"


def _derivatives(verdict: Verdict) -> list[str]:
    texts = derivatives_as_text(verdict.case.expression) or ()
    names = verdict.case.expression.inputs
    return [
        f"d/d{name} = {text}"
        for name, text in zip(names, texts, strict=False)
        if len(text) <= _LONGEST_DERIVATIVE
    ]


def conclusion(verdict: Verdict) -> str:
    """What the witnesses say together, one line for each sentence.

    Which witness stands alone tells where the fault is: a slope that agrees with the symbolic
    derivative clears the forward pass, one that disagrees accuses it.
    """
    if verdict.kind is Kind.CORRECT:
        return "Correct: proved, every number lies within what rounding alone can do."
    if verdict.kind is Kind.UNDECIDED:
        return f"Undecided: {verdict.undecided}."
    fault = verdict.run.fault
    what = f"the {fault.stage} pass raised {fault}" if fault else _DIAGNOSIS[verdict.kind]
    lines = [f"{verdict.kind.value.capitalize()}: {what}."]
    if verdict.kind is Kind.WRONG_GRADIENT or verdict.kind is Kind.IMPRECISE_GRADIENT:
        lines.append(f"{_what_the_slope_says(verdict)}.")
    if verdict.blame is not None:
        lines.append(f"At fault is {verdict.blame.sentence}.")
    return "\n".join(lines)


_DIAGNOSIS = {
    Kind.WRONG_VALUE: "the forward pass is wrong",
    Kind.WRONG_GRADIENT: "backprop disagrees with the symbolic derivative",
    Kind.MISSING_GRADIENT: "the output depends on an input that got no gradient",
    Kind.NON_FINITE: "a NaN or an infinity stands where the truth is an ordinary number",
    Kind.MUTATED_INPUT: "an input no longer holds the number it was made with",
    Kind.IMPRECISE_VALUE: "the value has lost digits that rounding alone does not explain",
    Kind.IMPRECISE_GRADIENT: "the gradient has lost digits that rounding alone does not explain",
}


def _what_the_slope_says(verdict: Verdict) -> str:
    blamed = [row for row in verdict.gradient if row.backprop.agrees is False]
    slopes = [row.slope for row in blamed if row.slope is not None]
    if any(slope.agrees is False for slope in slopes):
        return "The slope disagrees too, so the forward pass is wrong"
    if slopes and all(slope.agrees for slope in slopes):
        return "The slope agrees with the symbolic derivative, so the backward pass is wrong"
    return "There is no slope to tell the forward pass from the backward pass"
