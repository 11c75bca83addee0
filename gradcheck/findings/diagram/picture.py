"""What a diagram shows, whatever draws it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from gradcheck.comparison import Comparison
from gradcheck.expression import Apply, Constant, Input, Node
from gradcheck.findings.diagram.numbers import compared, in_full, short
from gradcheck.findings.diagram.sentences import headline
from gradcheck.kind import Kind
from gradcheck.verdict import Verdict

LARGEST = 60
"""Nodes up to which a graph is drawn whole; of a larger one, those around what is to blame."""

_LONGEST = 30
"""Characters of a line in a box."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node as it is drawn.

    ``operands`` are the positions of the boxes that arrows come from, once for each use, and
    ``wrong_operands`` the numbers of those by which its partial is wrong. ``left_out`` tells
    whether it has operands that are not drawn. ``details`` are the numbers in all their digits,
    and ``blame`` is the line that accuses an operation, if one does.
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
    left_out: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """The boxes by position, the lines above them, and how many nodes are left out."""

    headline: tuple[str, ...]
    boxes: tuple[Box, ...]
    left_out: int

    @property
    def has_wrong(self) -> bool:
        """Whether a number in it is marked as wrong."""
        return any(box.is_wrong for box in self.boxes)

    @property
    def has_blamed(self) -> bool:
        """Whether an operation in it is to blame."""
        return any(box.blame for box in self.boxes)


def picture_of(verdict: Verdict) -> Picture:
    """The picture of a verdict's case; of a large graph, the part that matters."""
    shown = _shown(verdict)
    return Picture(
        headline=headline(verdict),
        boxes=tuple(_box(verdict, position, shown) for position in sorted(shown)),
        left_out=len(verdict.graph.nodes) - len(shown),
    )


def _box(verdict: Verdict, position: int, shown: set[int]) -> Box:
    node = verdict.graph.nodes[position]
    numbers = _numbers(verdict, position)
    blame = _blame(verdict, position)
    operands = node.operands if isinstance(node, Apply) else ()
    lines = [line for number in numbers for line in number.lines]
    title = _title(verdict, node)
    return Box(
        position=position,
        title=_cut(title),
        lines=tuple(map(_cut, filter(None, (blame, *lines)))),
        details="; ".join([title, *(number.in_full for number in numbers)]),
        is_operation=isinstance(node, Apply),
        is_wrong=any(number.is_wrong for number in numbers),
        blame=blame,
        operands=tuple(operand for operand in operands if operand in shown),
        wrong_operands=verdict.blame.operands if blame and verdict.blame else (),
        left_out=not shown.issuperset(operands),
    )


def _blame(verdict: Verdict, position: int) -> str:
    """The line that accuses an operation. The engine as a whole is at fault at no node."""
    blame = verdict.blame
    if blame is None or not blame.operations or position not in blame.positions:
        return ""
    return "TO BLAME" if blame.is_certain else "PERHAPS TO BLAME"


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _title(verdict: Verdict, node: Node) -> str:
    match node:
        case Input(name):
            return f"{name} = {short(verdict.case.numbers[name])}"
        case Constant(value):
            return short(value)
        case Apply(operation):
            return operation.name


@dataclass(frozen=True, slots=True)
class _Number:
    """A number of a node: its lines, and the same in all digits."""

    lines: tuple[str, ...]
    in_full: str
    is_wrong: bool


def _numbers(verdict: Verdict, position: int) -> list[_Number]:
    """What is to be said of a node: its value, unless that is its title, and its gradient."""
    graph, node = verdict.graph, verdict.graph.nodes[position]
    if isinstance(node, Constant):
        return []
    value = _number("value", verdict.value_at(position))
    is_input = isinstance(node, Input)
    numbers = [value] if value.is_wrong or not is_input else []
    # After more than one backward pass, the adjoint of an operation may be that of any.
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


def _number(what: str, witness: Comparison, *, is_missing: bool = False) -> _Number:
    return _Number(
        lines=compared(what, witness, is_missing=is_missing),
        in_full=in_full(what, witness),
        is_wrong=is_missing or witness.agrees is False,
    )


def _shown(verdict: Verdict) -> set[int]:
    """The positions that are drawn: the nearest to what is to blame, or else to the output."""
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
