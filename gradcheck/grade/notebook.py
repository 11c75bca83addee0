"""From a notebook to a module: its code cells, without magics, each statement on its own.

A statement that fails, such as a plot without its library, does not keep the rest from running.
"""

from __future__ import annotations

import ast
import json
import re

ERRORS = "notebook_errors"
"""The name in the module for the list of what failed: a cell and an error, as text."""

_CELL_OF_PYTHON = re.compile(r"%%(time|timeit|capture|prun)\b.*")
"""Magics of a whole cell that is Python all the same."""

_MAGIC = re.compile(r"\s*([%!?].*|.*[\w)\]]\?{1,2}\s*)")

_MAGIC_VALUE = re.compile(r"(\s*)[\w, ]+=\s*[%!].*")

_LONGEST = 200


class NotebookError(ValueError):
    """A file is no notebook; the message says why."""


def module_of(text: str) -> str:
    """Return the source of the module of a notebook. Raises ``NotebookError``."""
    statements: list[ast.stmt] = []
    imports: list[ast.stmt] = []
    errors: list[str] = []
    for number, source in enumerate(_code_cells(text), start=1):
        try:
            body = ast.parse(_without_magics(source)).body
            compile(ast.Module(body, type_ignores=[]), f"cell {number}", "exec")
        except (SyntaxError, ValueError, RecursionError) as error:
            errors.append(f"cell {number}: {type(error).__name__}: {error}"[:_LONGEST])
            continue
        for statement in body:
            if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
                imports.append(statement)
            else:
                statements.append(_tried(statement, number))
    start = ast.parse(f"{ERRORS} = {errors!r}").body
    return ast.unparse(ast.Module([*imports, *start, *statements], type_ignores=[])) + "\n"


def _tried(statement: ast.stmt, cell: int) -> ast.stmt:
    """Return the statement in a block that notes its error and goes on."""
    error = "_notebook_error"
    text = f"f'cell {cell}: {{type({error}).__name__}}: {{{error}}}'"
    note = f"{ERRORS}.append({text}[:{_LONGEST}])"
    tried = ast.parse(f"try:\n    pass\nexcept Exception as {error}:\n    {note}").body[0]
    assert isinstance(tried, ast.Try)
    tried.body = [statement]
    return tried


def _code_cells(text: str) -> list[str]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        message = "it is not a notebook: it is not JSON"
        raise NotebookError(message) from None
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list):
        message = "it is not a notebook of version 4 or later: it has no list of cells"
        raise NotebookError(message)
    return [
        _text(cell.get("source"))
        for cell in cells
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]


def _text(source: object) -> str:
    """Return the source of a cell, which is a text or a list of lines."""
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def _without_magics(source: str) -> str:
    """Return the cell without the lines that only a notebook understands."""
    lines = source.splitlines()
    first = lines[0].lstrip() if lines else ""
    if first.startswith("%%"):
        if not _CELL_OF_PYTHON.fullmatch(first):
            return ""
        lines = lines[1:]
    try:
        ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError):
        lines = [_plain(line) for line in lines]
    return "\n".join(lines)


def _plain(line: str) -> str:
    """Return a line of Python, or one that does nothing in place of a magic."""
    if _MAGIC.fullmatch(line):
        return f"{line[: len(line) - len(line.lstrip())]}pass"
    if match := _MAGIC_VALUE.fullmatch(line):
        return f"{match[1]}{line[len(match[1]) :].partition('=')[0]}= None"
    return line
