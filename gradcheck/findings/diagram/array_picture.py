"""The picture of an array case: a box for each array, with its shape, and its elements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.array_checks.verdict import ArrayVerdict
from gradcheck.arrays.floats import values_in_floats
from gradcheck.arrays.operations import Options
from gradcheck.arrays.program import ArrayApply, ArrayConstant, ArrayInput
from gradcheck.arrays.program_text import index_text
from gradcheck.findings.diagram.picture import Box, Cell, Error, Grid, Picture, cut
from gradcheck.findings.diagram.text import short, shortened
from gradcheck.table import place

_MOST_ELEMENTS = 12
"""Elements of an array that is shown with its numbers."""

_MOST_ROWS, _MOST_COLUMNS = 16, 24
"""Rows and columns of a table; of a larger one the first are shown."""

_ONE_DIGIT = 0.05
"""The relative error up to which a digit is right."""


def picture_of_arrays(verdict: ArrayVerdict) -> Picture:
    """Return the picture of an array case, with the wrong gradients marked."""
    report = verdict.report
    lines = [verdict.conclusion[0], *_blamed(verdict), report.formula]
    lines.append(place(report.engine, report.case.numbers))
    values = values_in_floats(verdict.case.program, [*verdict.case.arrays.values()])
    boxes = tuple(_box(verdict, i, values[i]) for i in range(len(verdict.case.program.nodes)))
    return Picture(tuple(map(shortened, lines)), boxes, hidden_nodes=0)


def _blamed(verdict: ArrayVerdict) -> list[str]:
    return [] if verdict.blame is None else [f"At fault is {verdict.blame.sentence}"]


def _box(verdict: ArrayVerdict, position: int, value: NDArray[np.float64]) -> Box:
    node = verdict.case.program.nodes[position]
    shape = verdict.case.program.shapes[position]
    blame = verdict.blame
    is_blamed = blame is not None and bool(blame.operations) and position in blame.positions
    mark = ("TO BLAME" if blame.is_certain else "PERHAPS TO BLAME") if blame and is_blamed else ""
    title, lines, grids, is_wrong = "", [mark], _values(value), False
    match node:
        case ArrayInput(name):
            title = f"{name}  {_shape(shape)}"
            more, gradient, is_wrong = _gradient(verdict, name)
            lines, grids = [*lines, *more], [*grids, *gradient]
        case ArrayConstant():
            title = _shape(shape) if shape else short(float(value))
            grids = grids if shape else []
        case ArrayApply(operation, _, options):
            title = _title(operation.name, options)
            lines.append(_shape(shape))
    return Box(
        position=position,
        title=cut(title),
        lines=tuple(map(cut, filter(None, lines))),
        details="; ".join((title, *lines, *(line for grid in grids for line in grid.lines))),
        is_operation=isinstance(node, ArrayApply),
        is_wrong=is_wrong,
        blame=mark,
        operands=node.operands if isinstance(node, ArrayApply) else (),
        wrong_operands=(),
        has_hidden_operands=False,
        grids=tuple(grids),
    )


def _title(name: str, options: Options) -> str:
    """Return an operation with its options, an index as Python writes it."""
    given = dict(options)
    if "index" in given:
        return f"[{index_text(given['index'])}]"
    return f"{name} {', '.join(f'{key}={option}' for key, option in options)}".strip()


def _gradient(verdict: ArrayVerdict, name: str) -> tuple[list[str], list[Grid], bool]:
    """Return the lines and the tables of an input's gradient, and whether it is wrong."""
    if verdict.run.fault is not None:
        return [], [], False
    names = [x.name for x in verdict.case.program.inputs]
    got = verdict.run.gradients[names.index(name)]
    if not (name in verdict.wrong_shapes or verdict.is_wrong(name)):
        return [], [] if got is None else _values(got, "gradient"), False
    if got is None:
        return ["no gradient WRONG"], [], True
    true = verdict.true_gradient(name)
    if got.shape != true.shape:
        lines = [f"gradient {_shape(got.shape)} WRONG", f"should be {_shape(true.shape)}"]
        return lines, [], True
    errors = _errors(got, true, verdict.wrong_elements(name))
    if got.size <= _MOST_ELEMENTS:
        rows = [
            [_compared(*element) for element in zip(*line, strict=True)]
            for line in zip(_rows(got), _rows(true), _rows(errors), strict=True)
        ]
        return [], [_grid("gradient ≠ true: WRONG", rows)], True
    rows = [[Cell(_MARKS[error], Error(error)) for error in row] for row in _rows(errors)]
    count = int(np.count_nonzero(errors))
    grid = _grid(f"gradient: {count} of {got.size} WRONG", rows)
    return [], [replace(grid, is_map=True)], True


_MARKS = {Error.NONE: "·", Error.OFF: "x", Error.FAR_OFF: "X"}
"""The mark of each error in a table of many elements, as colour must not be the only one."""


def _errors(
    got: NDArray[np.float64], true: NDArray[np.float64], is_wrong: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Return the error of each element: far off if no digit is right."""
    with np.errstate(all="ignore"):
        is_near = np.abs(got - true) <= _ONE_DIGIT * np.abs(true)
    errors = np.where(is_near, int(Error.OFF), int(Error.FAR_OFF))
    return np.where(is_wrong, errors, int(Error.NONE))


def _compared(got: float, true: float, error: int) -> Cell:
    text = short(got) if error == Error.NONE else f"{short(got)} ≠ {short(true)}"
    return Cell(text, Error(error))


def _shape(shape: tuple[int, ...]) -> str:
    return f"shape {shape}" if shape else "a number"


def _values(array: NDArray[np.float64], title: str = "") -> list[Grid]:
    """Return the table of a small array, and none of a larger one."""
    if array.size > _MOST_ELEMENTS or not array.size:
        return []
    return [_grid(title, [[Cell(short(number)) for number in row] for row in _rows(array)])]


def _rows(array: NDArray[Any]) -> list[list[Any]]:
    """Return an array as rows of its last axis."""
    rows: list[list[Any]] = array.reshape(-1, array.shape[-1] if array.ndim else 1).tolist()
    return rows


def _grid(title: str, rows: Sequence[Sequence[Cell]]) -> Grid:
    """Return a table of the first rows and columns."""
    shown = [(*row[:_MOST_COLUMNS], *[Cell("…")] * (len(row) > _MOST_COLUMNS)) for row in rows]
    more = [(Cell("…"),)] if len(rows) > _MOST_ROWS else []
    return Grid(title, (*shown[:_MOST_ROWS], *more))
