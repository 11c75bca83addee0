"""Write an expression as text: a formula, or a program in Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from gradcheck.expression import Apply, Constant, Expression, Input
from gradcheck.operations import Operation

_LONGEST_PART = 60
"""Longer parts of the text, in characters, get a name of their own."""

_ATOM = 100
"""Binds more tightly than every operation."""

_SUM, _SIGN, _POWER = 1, 3, 4
"""How tightly sums, a minus sign in front, and powers bind, as in Python."""


@dataclass(frozen=True, slots=True)
class Notation:
    """What notations differ in. Infix operations are written as in Python.

    ``space`` stands around infix operations that bind more tightly than a sum. ``call`` writes any
    other operation; with ``brackets_operands``, operands that are operations themselves are put in
    brackets. ``constants_alone`` writes a constant with only constants beside it, and a constant
    that cannot be a plain number where it stands. ``is_called`` tells whether an infix operation is
    written as a call nevertheless, and ``is_plain`` whether an operand can be a plain number.
    """

    space: str
    call: Callable[[Operation, Sequence[str]], str]
    constants_alone: Callable[[float], str]
    brackets_operands: bool = False
    is_called: Callable[[Operation], bool] = lambda _operation: False
    is_plain: Callable[[Operation, int], bool] = lambda _operation, _index: True


def written_parts(
    expression: Expression,
    notation: Notation,
    inputs: Sequence[str],
    *,
    named: Collection[int] = (),
) -> list[tuple[str, str]]:
    """Return the parts of an expression, each a name and a text, in an order to compute them.

    The last part is the output and has no name. A node that is used more than once, or that would
    be long, is a part of its own. So the text shows what is shared, and grows no faster than the
    expression. ``inputs`` are the names of the inputs; operations at the positions ``named`` are
    always parts.
    """
    uses = Counter(i for node in expression.nodes if isinstance(node, Apply) for i in node.operands)
    parts: list[tuple[str, str]] = []
    texts: list[tuple[str, int]] = []  # of each node, and how tightly it binds
    for position, node in enumerate(expression.nodes):
        match node:
            case Input():
                texts.append((inputs[position], _ATOM))
            case Constant(value):
                alone = position == expression.output
                written_alone = notation.constants_alone if alone else repr
                texts.append(_number(written_alone(value)))
            case Apply(operation, operands):
                arguments = [expression.nodes[i] for i in operands]
                written = [texts[i] for i in operands]
                variable = arguments[: operation.variables]
                alone = all(isinstance(node, Constant) for node in variable)
                for index, each in enumerate(variable):
                    if isinstance(each, Constant) and (
                        alone or not notation.is_plain(operation, index)
                    ):
                        written[index] = _number(notation.constants_alone(each.value))
                text = _applied(operation, written, notation)
                if position != expression.output and (
                    uses[position] > 1 or len(text[0]) > _LONGEST_PART or position in named
                ):
                    name = part_name(position, inputs)
                    parts.append((name, text[0]))
                    text = (name, _ATOM)
                texts.append(text)
    return [*parts, ("", texts[expression.output][0])]


def part_name(position: int, inputs: Iterable[str]) -> str:
    """Return a name for the part at a position, with a prefix that no input's name begins with."""
    prefix = "n"
    while any(name.startswith(prefix) for name in inputs):
        prefix += "_"
    return f"{prefix}{position}"


def _number(text: str) -> tuple[str, int]:
    """Return a number and how tightly it binds: with a sign in front, as tightly as the sign."""
    return text, _SIGN if text.startswith("-") else _ATOM


def _applied(
    operation: Operation, operands: list[tuple[str, int]], notation: Notation
) -> tuple[str, int]:
    precedence = operation.precedence
    if precedence is None or notation.is_called(operation):
        return _called(operation, operands, notation), _ATOM
    if operation.arity == 1:
        return _signed(operation, operands)
    space = " " if precedence == _SUM else notation.space
    (left, left_binds), (right, right_binds) = operands
    # Python groups to the left, so the same operation on the right keeps its brackets. Powers group
    # to the right, and their exponent may have a sign.
    groups_left = precedence != _POWER
    left = left if left_binds >= precedence + (not groups_left) else f"({left})"
    right = right if right_binds > (precedence if groups_left else _SUM) else f"({right})"
    return f"{left}{space}{operation.name}{space}{right}", precedence


def _signed(operation: Operation, operands: list[tuple[str, int]]) -> tuple[str, int]:
    [(operand, binds)] = operands
    if _is_number(operand):
        # A sign in front of a number is part of the number.
        return f"{operation.name}({operand})", _ATOM
    return f"-{operand if binds >= _SIGN else f'({operand})'}", _SIGN


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _called(operation: Operation, operands: list[tuple[str, int]], notation: Notation) -> str:
    needed = _ATOM if notation.brackets_operands else 0
    texts = [text if binds >= needed else f"({text})" for text, binds in operands]
    return notation.call(operation, texts)
