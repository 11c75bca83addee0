"""The content of a diagram, for every output format: boxes with lines of text."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import IntEnum

from gradcheck.comparison import Comparison
from gradcheck.expression import Apply, Constant, Input, Node
from gradcheck.findings.diagram.text import compared, headline, in_full, short
from gradcheck.kind import Kind
from gradcheck.one_element import OneElementCase
from gradcheck.verdict import Verdict

LARGEST = 60
"""Nodes that are drawn; of a larger graph, those nearest to the operation to blame."""

_MAX_LENGTH = 30
"""Characters of a line in a box."""


class Error(IntEnum):
    """The error of an element: none, or a wrong one that is off, or far off."""

    NONE = 0
    OFF = 1
    FAR_OFF = 2


@dataclass(frozen=True, slots=True)
class Cell:
    """An element of an array: its text, and how wrong it is."""

    text: str
    error: Error = Error.NONE


@dataclass(frozen=True, slots=True)
class Grid:
    """An array as a table, with a title such as ``gradient``.

    A map has a mark for each element in place of its number.
    """

    title: str
    rows: tuple[tuple[Cell, ...], ...]
    is_map: bool = False

    @property
    def lines(self) -> list[str]:
        """The table as lines of text."""
        rows = [", ".join(cell.text for cell in row) for row in self.rows]
        return [*filter(None, [self.title]), *rows]


@dataclass(frozen=True, slots=True)
class Box:
    """A node of the graph as a box.

    ``details`` has the numbers with all digits. ``blame`` is the line that says that the operation
    is to blame, or empty. ``operands`` are the positions of the boxes with arrows to this one, once
    for each use. ``wrong_operands`` are the indices of operands whose local partial is wrong.
    ``grids`` are arrays, which stand below the lines.
    """

    position: int
    title: str
    lines: tuple[str, ...]
    details: str
    is_operation: bool
    is_wrong: bool
    blame: str
    operands: tuple[int, ...]
    wrong_operands: tuple[int, ...]
    has_hidden_operands: bool
    grids: tuple[Grid, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """The lines above the graph, the boxes by position, and the number of nodes without a box."""

    headline: tuple[str, ...]
    boxes: tuple[Box, ...]
    hidden_nodes: int

    @property
    def has_wrong(self) -> bool:
        """Whether a box has a wrong number."""
        return any(box.is_wrong for box in self.boxes)

    @property
    def has_map(self) -> bool:
        """Whether a box has a map of errors."""
        return any(grid.is_map for box in self.boxes for grid in box.grids)

    @property
    def has_blamed(self) -> bool:
        """Whether a box has an operation to blame."""
        return any(box.blame for box in self.boxes)


def picture_of(verdict: Verdict) -> Picture:
    """Return the picture of a verdict's graph, or of ``LARGEST`` nodes of a larger one."""
    shown = _shown(verdict)
    case = verdict.report.case
    on_arrays = isinstance(case, OneElementCase)
    boxes = [_box(verdict, position, shown, on_arrays=on_arrays) for position in sorted(shown)]
    is_summed = isinstance(case, OneElementCase) and case.is_summed
    return Picture(
        headline=headline(verdict),
        boxes=(*boxes, _sum_box(verdict, shown)) if is_summed else tuple(boxes),
        hidden_nodes=len(verdict.graph.nodes) - len(shown),
    )


def _box(verdict: Verdict, position: int, shown: set[int], *, on_arrays: bool) -> Box:
    node = verdict.graph.nodes[position]
    numbers = _numbers(verdict, position)
    blame = _blame(verdict, position)
    operands = node.operands if isinstance(node, Apply) else ()
    lines = [line for number in numbers for line in number.lines]
    title = _title(verdict, node, on_arrays=on_arrays)
    return Box(
        position=position,
        title=cut(title),
        lines=tuple(map(cut, filter(None, (blame, *lines)))),
        details="; ".join([title, *(number.in_full for number in numbers)]),
        is_operation=isinstance(node, Apply),
        is_wrong=any(number.is_wrong for number in numbers),
        blame=blame,
        operands=tuple(operand for operand in operands if operand in shown),
        wrong_operands=verdict.blame.operands if blame and verdict.blame else (),
        has_hidden_operands=not shown.issuperset(operands),
    )


def _sum_box(verdict: Verdict, shown: set[int]) -> Box:
    """Return the box of the sum at which a backward pass over an array starts."""
    output = verdict.graph.output
    return Box(
        position=len(verdict.graph.nodes),
        title="sum",
        lines=(),
        details="sum",
        is_operation=True,
        is_wrong=False,
        blame="",
        operands=(output,) if output in shown else (),
        wrong_operands=(),
        has_hidden_operands=output not in shown,
    )


def _blame(verdict: Verdict, position: int) -> str:
    """Return the line for an operation to blame, else an empty one."""
    blame = verdict.blame
    if blame is None or not blame.operations or position not in blame.positions:
        return ""
    return "TO BLAME" if blame.is_certain else "PERHAPS TO BLAME"


def cut(line: str) -> str:
    """Return a line of a box, shortened if it is long."""
    return line if len(line) <= _MAX_LENGTH else f"{line[: _MAX_LENGTH - 1]}…"


def _title(verdict: Verdict, node: Node, *, on_arrays: bool) -> str:
    match node:
        case Input(name):
            number = short(verdict.case.numbers[name])
            return f"{name} = [{number}]" if on_arrays else f"{name} = {number}"
        case Constant(value):
            return short(value)
        case Apply(operation):
            return operation.name


@dataclass(frozen=True, slots=True)
class _Number:
    """A number of a node: its lines, and the same with all digits."""

    lines: tuple[str, ...]
    in_full: str
    is_wrong: bool


def _numbers(verdict: Verdict, position: int) -> list[_Number]:
    """Return the value of a node, unless that is its title, its gradient, and a wrong slope."""
    graph, node = verdict.graph, verdict.graph.nodes[position]
    if isinstance(node, Constant):
        return []
    value = _number("value", verdict.value_at(position))
    is_input = isinstance(node, Input)
    numbers = [value] if value.is_wrong or not is_input else []
    # With several backward passes, an operation's adjoint may be from any of them.
    if is_input or (graph.used[position] and not verdict.case.steps):
        is_missing = (
            is_input and verdict.number_verdicts[1 + position].kind is Kind.MISSING_GRADIENT
        )
        adjoint = verdict.adjoint_at(position)
        numbers.append(_number("gradient", adjoint, is_missing=is_missing))
    slope = verdict.number_verdicts[1 + position].slope if is_input else None
    if slope is not None and slope.agrees is False:
        numbers.append(_number("slope", slope))
    return numbers


def _number(name: str, number: Comparison, *, is_missing: bool = False) -> _Number:
    return _Number(
        lines=compared(name, number, is_missing=is_missing),
        in_full=in_full(name, number),
        is_wrong=is_missing or number.agrees is False,
    )


def _shown(verdict: Verdict) -> set[int]:
    """Return the positions to draw: those nearest to the operation to blame, or to the output."""
    expression = verdict.graph
    if len(expression.nodes) <= LARGEST:
        return set(range(len(expression.nodes)))
    neighbours: list[list[int]] = [[] for _ in expression.nodes]
    for position, node in enumerate(expression.nodes):
        for operand in node.operands if isinstance(node, Apply) else ():
            neighbours[position].append(operand)
            neighbours[operand].append(position)
    centre = verdict.blame.positions if verdict.blame else ()
    pending = deque(centre or (expression.output, *range(len(expression.inputs))))
    found: dict[int, None] = {}
    while pending and len(found) < LARGEST:
        position = pending.popleft()
        if position not in found:
            found[position] = None
            pending.extend(neighbours[position])
    return set(found)
