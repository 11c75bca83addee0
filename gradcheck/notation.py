"""Expressions written as text, in the notation of a formula or of a programming language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from gradcheck.expression import Apply, Constant, Expression, Input
from gradcheck.operations import Operation

_LONGEST_PART = 60
"""Characters after which a part of the text gets a name of its own."""

_ATOM = 100
"""Binds more tightly than every operation."""


@dataclass(frozen=True, slots=True)
class Notation:
    """What notations differ in; infix operations are written as in Python.

    ``space`` stands around infix operations that bind more tightly than a sum. ``call`` writes any
    other operation on its operands, with ``brackets_operands`` around those that are operations
    themselves. ``constants_alone`` writes a constant that has nothing but constants beside it.
    """

    space: str
    call: Callable[[Operation, Sequence[str]], str]
    constants_alone: Callable[[float], str]
    brackets_operands: bool = False


def written_parts(
    expression: Expression, notation: Notation, inputs: Sequence[str]
) -> list[tuple[str, str]]:
    """The parts of an expression, each a name and a text, in an order to compute them.

    The last one is the output and has no name. What is used more than once, or would be long, is a
    part, so that the text shows what is shared and grows no faster than the expression. ``inputs``
    are the names to use for the inputs.
    """
    prefix = _prefix(inputs)
    uses = Counter(i for node in expression.nodes if isinstance(node, Apply) for i in node.operands)
    parts: list[tuple[str, str]] = []
    texts: list[tuple[str, int]] = []  # of each node, and how tightly it binds
    for position, node in enumerate(expression.nodes):
        match node:
            case Input():
                texts.append((inputs[position], _ATOM))
            case Constant(value):
                alone = position == expression.output
                texts.append(((notation.constants_alone if alone else repr)(value), _ATOM))
            case Apply(operation, operands):
                arguments = [expression.nodes[i] for i in operands]
                constants = [node.value for node in arguments if isinstance(node, Constant)]
                if len(constants) == len(arguments):
                    written = [(notation.constants_alone(value), _ATOM) for value in constants]
                else:
                    written = [texts[i] for i in operands]
                text = _applied(operation, written, notation)
                if position != expression.output and (
                    uses[position] > 1 or len(text[0]) > _LONGEST_PART
                ):
                    parts.append((f"{prefix}{position}", text[0]))
                    text = (f"{prefix}{position}", _ATOM)
                texts.append(text)
    return [*parts, ("", texts[expression.output][0])]


def _prefix(names: Iterable[str]) -> str:
    """Begins the names of parts, and no name of an input."""
    prefix = "n"
    while any(name.startswith(prefix) for name in names):
        prefix += "_"
    return prefix


def _applied(
    operation: Operation, operands: list[tuple[str, int]], notation: Notation
) -> tuple[str, int]:
    precedence = operation.precedence
    if precedence is None:
        return _called(operation, operands, notation), _ATOM
    space = " " if precedence == 1 else notation.space
    (left, left_binds), (right, right_binds) = operands
    left = left if left_binds >= precedence else f"({left})"
    # Python groups to the left, so the same operation on the right keeps its brackets.
    right = right if right_binds > precedence else f"({right})"
    return f"{left}{space}{operation.name}{space}{right}", precedence


def _called(operation: Operation, operands: list[tuple[str, int]], notation: Notation) -> str:
    needed = _ATOM if notation.brackets_operands else 0
    texts = [text if binds >= needed else f"({text})" for text, binds in operands]
    return notation.call(operation, texts)
