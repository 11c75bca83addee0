"""The picture of an array case: a box for each array, with its shape and small arrays in full."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradcheck.array_checks.values import values_in_floats
from gradcheck.array_checks.verdict import ArrayVerdict
from gradcheck.arrays.operations import Options
from gradcheck.arrays.program import ArrayApply, ArrayConstant, ArrayInput
from gradcheck.arrays.program_text import index_text
from gradcheck.findings.diagram.picture import Box, Picture, cut
from gradcheck.findings.diagram.text import short, shortened
from gradcheck.table import place

_MOST_ELEMENTS = 12
"""Elements of an array that is shown in full."""


def picture_of_arrays(verdict: ArrayVerdict) -> Picture:
    """Return the picture of an array case, with the wrong gradients marked."""
    report = verdict.report
    lines = [verdict.conclusion[0], *_blamed(verdict), report.formula]
    lines.append(place(report.engine, report.case.numbers))
    values = values_in_floats(verdict.case)
    boxes = tuple(_box(verdict, i, values[i]) for i in range(len(verdict.case.program.nodes)))
    return Picture(tuple(map(shortened, lines)), boxes, hidden_nodes=0)


def _blamed(verdict: ArrayVerdict) -> list[str]:
    return [] if verdict.blame is None else [f"At fault is {verdict.blame.sentence}"]


def _box(verdict: ArrayVerdict, position: int, value: NDArray[np.float64]) -> Box:
    node = verdict.case.program.nodes[position]
    shape = verdict.case.program.shapes[position]
    blame = verdict.blame
    is_blamed = blame is not None and bool(blame.operations) and position in blame.positions
    title, lines, is_wrong = "", _rows(value), False
    match node:
        case ArrayInput(name):
            title = f"{name}  {_shape(shape)}"
            gradient, is_wrong = _gradient(verdict, name)
            lines += gradient
        case ArrayConstant():
            title = _shape(shape) if shape else short(float(value))
            lines = lines if shape else []
        case ArrayApply(operation, _, options):
            title = _title(operation.name, options)
            lines = [_shape(shape), *lines]
    mark = ("TO BLAME" if blame.is_certain else "PERHAPS TO BLAME") if blame and is_blamed else ""
    return Box(
        position=position,
        title=cut(title),
        lines=tuple(map(cut, filter(None, (mark, *lines)))),
        details="; ".join((title, *lines)),
        is_operation=isinstance(node, ArrayApply),
        is_wrong=is_wrong,
        blame=mark,
        operands=node.operands if isinstance(node, ArrayApply) else (),
        wrong_operands=(),
        has_hidden_operands=False,
    )


def _title(name: str, options: Options) -> str:
    """Return an operation with its options, an index as Python writes it."""
    given = dict(options)
    if "index" in given:
        return f"[{index_text(given['index'])}]"
    return f"{name} {', '.join(f'{key}={option}' for key, option in options)}".strip()


def _gradient(verdict: ArrayVerdict, name: str) -> tuple[list[str], bool]:
    """Return the lines for the gradient of an input, and whether it is wrong."""
    if verdict.run.fault is not None:
        return [], False
    names = [x.name for x in verdict.case.program.inputs]
    got = verdict.run.gradients[names.index(name)]
    if not (name in verdict.wrong_shapes or verdict.is_wrong(name)):
        return ([] if got is None else ["gradient", *_rows(got)]), False
    if got is None:
        return ["no gradient WRONG"], True
    true = verdict.true_gradient(name)
    if got.shape != true.shape:
        return [f"gradient {_shape(got.shape)} WRONG", f"should be {_shape(true.shape)}"], True
    return ["gradient WRONG", *_rows(got), "true", *_rows(true)], True


def _shape(shape: tuple[int, ...]) -> str:
    return f"shape {shape}" if shape else "a number"


def _rows(array: NDArray[np.float64]) -> list[str]:
    """Return a small array as a line for each row, and nothing for a larger one."""
    if array.size > _MOST_ELEMENTS or not array.size:
        return []
    rows = array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, 1)
    return [", ".join(short(float(number)) for number in row) for row in rows]
