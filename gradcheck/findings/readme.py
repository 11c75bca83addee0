"""``README.md`` of a finding's folder: what is wrong in a few lines."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from gradcheck.notation import in_one_line
from gradcheck.report import Report
from gradcheck.table import TITLES, below, cells, gravest_rows, place

_LONGEST = 500
"""Characters of a formula, of a sentence or of a cell of the table."""


def readme(report: Report, folder: Path) -> str:
    """What is wrong, the table of witnesses, and how to see it again."""
    rows = [tuple(map(_code, cells(row))) for row in gravest_rows(report)]
    table = [f"| {' | '.join(row)} |" for row in (TITLES, ("---",) * len(TITLES), *rows)]
    again = (
        f"python -m gradcheck replay {shlex.quote(folder.as_posix())}",
        f"python {shlex.quote((folder / 'repro.py').as_posix())}",
    )
    paragraphs = [
        f"# {report.signature}",
        f"{_code(report.formula)} by {_code(place(report.engine, report.case.numbers))}",
        *([_code(report.steps)] if report.steps else []),
        "![The graph of the case, with what is wrong marked](graph.svg)",
        "\n".join(table),
        _as_it_is((*below(report), *report.conclusion)),
        "To see it again, by gradcheck and without it:",
        _as_it_is(again),
    ]
    return "\n\n".join(paragraphs) + "\n"


def _code(text: str) -> str:
    """Text that Markdown takes as it is, also within a table."""
    line = in_one_line(text, _LONGEST).replace("`", "'").replace("|", "\\|")
    return f"`{line}`" if line else ""


def _as_it_is(lines: Iterable[str]) -> str:
    """A block of lines in which no character means anything to Markdown."""
    return "\n".join(f"    {in_one_line(line, _LONGEST)}" for line in lines)
