"""A report as a table, for terminals and for error messages."""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from gradcheck.kind import Kind
from gradcheck.report import Report, Row

WIDTH = 160
"""Columns of a text that does not go to a terminal: wide enough for every number."""

TITLES = ("", "backprop", "symbolic", "slope", "allowed error", "verdict")

_ANY_WIDTH = 10_000
"""Columns in which every table fits."""

_MAX_PARTS = 12
"""Parts of a formula that are shown."""

_MAX_ROWS = 24
"""Rows that are shown, as a network has hundreds of parameters."""


def as_text(report: Report, *, width: int = WIDTH) -> str:
    """Return a report as plain text, laid out for a number of columns."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(render(report))
    written = console.file
    assert isinstance(written, io.StringIO)
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines())


def render(report: Report) -> RenderableType:
    """Return the case, the table of numbers, the short derivatives and the conclusion."""
    lines = (_shortened(report.formula), place(report.engine, report.case.numbers), report.steps)
    heading = plain("\n".join(filter(None, lines)))
    conclusion = plain("\n".join(report.conclusion), style=f"bold {_style(report.kind)}")
    lines_below = plain("\n".join(below(report)))
    below_table = [Prose(lines_below)] if lines_below else []
    return Group(Prose(heading), _Numbers(report), *below_table, Prose(conclusion))


@dataclass(frozen=True, slots=True)
class Prose:
    """A text that is wrapped between its words; a word that is too long is not broken."""

    text: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.text.split("\n", allow_blank=True):
            for part in line.divide(_ends_of_lines(line.plain, options.max_width)):
                part.rstrip()
                yield part


def _ends_of_lines(text: str, width: int) -> list[int]:
    """Return the places at which a text has to be divided."""
    ends: list[int] = []
    start = 0
    for word in re.finditer(r"\S+", text):
        if text[start : word.start()].strip() and cell_len(text[start : word.end()]) > width:
            start = word.start()
            ends.append(start)
    return ends


def plain(text: str, *, style: str = "") -> Text:
    """Return a text without control characters, as a report may come from anybody."""
    shown = (c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
    return Text("".join(shown), style=style)


def place(engine: str, point: Mapping[str, object]) -> str:
    """Return the engine and the point: ``engine:Value at a = 1.0``."""
    numbers = [f"{name} = {value!r}" for name, value in point.items()]
    if len(numbers) > _MAX_ROWS:
        numbers[_MAX_ROWS:] = [f"and {len(numbers) - _MAX_ROWS} more"]
    return f"{engine} at {', '.join(numbers)}" if numbers else engine


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The numbers of a report: a table where that fits, and else one number below the other."""

    report: Report

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rows = gravest_rows(self.report)
        table = _table(rows)
        width = table.__rich_measure__(console, options.update_width(_ANY_WIDTH)).minimum
        yield table if width <= options.max_width else _stacked(rows)


def _table(rows: Sequence[Row]) -> Table:
    """Return the table, a row for each number. No column is too narrow for its numbers."""
    texts = [cells(row) for row in rows]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title, column in zip(TITLES, zip(*texts, strict=True), strict=True):
        table.add_column(
            title,
            justify="left" if title in ("", "verdict") else "right",
            min_width=max(map(len, (title, *column))),
        )
    for row, text in zip(rows, texts, strict=True):
        table.add_row(*map(plain, text), style=_style(row.kind))
    return table


def _stacked(rows: Sequence[Row]) -> Group:
    """Return the rows one below the other, each with its verdict first and a line for each cell."""
    width = max(map(len, TITLES))
    parts = []
    for row in rows:
        name, *numbers, verdict = cells(row)
        lines = [f"{name}: {verdict}"]
        lines += [
            f"  {title:{width}} {number}"
            for title, number in zip(TITLES[1:-1], numbers, strict=True)
            if number
        ]
        parts.append(Prose(plain("\n".join(lines), style=_style(row.kind))))
    return Group(plain(""), *parts, plain(""))


def gravest_rows(report: Report) -> list[Row]:
    """Return the row of the value, then the gravest rows of the inputs, in the order of inputs."""
    rows = list(enumerate(report.rows))
    rows.sort(key=lambda numbered: (numbered[0] > 0, numbered[1].kind.gravity))
    return [row for _, row in sorted(rows[:_MAX_ROWS], key=lambda numbered: numbered[0])]


def below(report: Report) -> list[str]:
    """Return the lines below the table: the rows left out, then the derivatives."""
    left_out = Counter(row.kind.value for row in report.rows)
    left_out.subtract(row.kind.value for row in gravest_rows(report))
    counts = ", ".join(f"{count} {kind}" for kind, count in left_out.items() if count)
    return [*([f"Not shown: {counts}."] if counts else []), *report.derivatives]


def cells(row: Row) -> tuple[str, ...]:
    """Return the texts of a row, one for each of ``TITLES``."""
    return (
        row.name,
        "none" if row.backprop is None else repr(row.backprop),
        repr(row.symbolic),
        "" if row.slope is None else f"{row.slope!r} ± {_bound(row.slope_allowed_error)}",
        _bound(row.allowed_error),
        f"{row.kind.value} (slope)" if row.is_wrong_by_slope else row.kind.value,
    )


def _bound(error: float | None) -> str:
    if error is None or math.isnan(error):
        return "no bound"
    return f"{error:.1e}" if error else "0"


def _shortened(formula: str) -> str:
    parts = formula.split("; ")
    if len(parts) > _MAX_PARTS:
        half = _MAX_PARTS // 2
        parts = [*parts[:half], f"… {len(parts) - 2 * half} more parts …", *parts[-half:]]
    return "; ".join(parts)


def _style(kind: Kind) -> str:
    return "red" if kind.is_finding else "green" if kind is Kind.CORRECT else "yellow"
