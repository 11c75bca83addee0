"""``README.md`` of a finding's folder: the case, its numbers, and how to reproduce it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from gradcheck.findings.diagram.rendering import NOT_INSTALLED
from gradcheck.notation import in_one_line
from gradcheck.report import Report
from gradcheck.table import TITLES, below, cells, gravest_rows, place

_MAX_LENGTH = 500
"""Characters of a formula, a sentence or a cell of the table."""

_PICTURE = "![The graph of the case, with the wrong numbers marked](graph.svg)"


def readme(report: Report, folder: Path, *, is_drawn: bool) -> str:
    """Return the page: case, diagram, table of numbers, and commands to reproduce it."""
    rows = [tuple(map(_code, cells(row))) for row in gravest_rows(report)]
    table = [f"| {' | '.join(row)} |" for row in (TITLES, ("---",) * len(TITLES), *rows)]
    commands = (
        f"python -m gradcheck replay {shlex.quote(folder.as_posix())}",
        f"python {shlex.quote((folder / 'repro.py').as_posix())}",
    )
    paragraphs = [
        f"# {report.signature}",
        f"{_code(report.formula)}, computed by {_code(place(report.engine, report.case.numbers))}",
        *([_code(report.steps)] if report.steps else []),
        _PICTURE if is_drawn else f"The graph is text, in graph.gv and graph.mmd: {NOT_INSTALLED}.",
        "\n".join(table),
        _code_block((*below(report), *report.conclusion)),
        "To reproduce it, with gradcheck or without:",
        _code_block(commands),
    ]
    return "\n\n".join(paragraphs) + "\n"


def _code(text: str) -> str:
    """Return text as inline code, which is also valid in a cell of a table."""
    line = in_one_line(text, _MAX_LENGTH).replace("`", "'").replace("|", "\\|")
    return f"`{line}`" if line else ""


def _code_block(lines: Iterable[str]) -> str:
    """Return an indented block, in which no character is special to Markdown."""
    return "\n".join(f"    {in_one_line(line, _MAX_LENGTH)}" for line in lines)
