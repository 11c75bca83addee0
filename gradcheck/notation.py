"""Write an expression as text: a formula, or a program in Python."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import count

from gradcheck.expression import Apply, Constant, Expression, Input, Node
from gradcheck.operations import Operation

SCRIPT_NAMES = frozenset(
    (
        *("__debug__", "abs", "bytes", "float", "importlib", "len", "np", "print", "range", "sys"),
        *("before", "child", "faulthandler", "os", "resource", "signal", "taken"),
        *("f", "high", "low", "out", "slope", "value"),
        *("_", "blocks", "random"),
        *("Inputs", "results", "run", "self"),
        *("gradients_add_up", "gradients_are_replaced", "it_clears_all_that_it_should"),
        *("it_clears_the_whole_graph", "it_clears_what_it_is_called_on"),
    )
)
"""The names that a script itself uses, which no input can have in it."""

_MAX_PART_LENGTH = 60
"""Longer parts of the text, in characters, get a name of their own."""

_ATOM = 100
"""Binds more tightly than every operation."""

_SUM, _SIGN, _POWER = 1, 3, 4
"""Precedences of sums, of a minus sign in front, and of powers, as in Python."""


@dataclass(frozen=True, slots=True)
class Notation:
    """A way to write expressions. Infix operations are always written as in Python.

    ``space`` stands around infix operations that bind more tightly than a sum. ``call`` writes any
    other operation; with ``brackets_operands``, operands that are operations themselves are put in
    brackets. ``is_called`` tells whether an infix operation is written as a call nevertheless, and
    ``is_plain`` whether an operand can be a plain number. ``constant_as_operand`` writes a constant
    that cannot, or whose fellow operands are all constants.
    """

    space: str
    call: Callable[[Operation, Sequence[str]], str]
    constant_as_operand: Callable[[float], str]
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

    The last part is the output and has no name. A node is a part if it is used more than once or
    its text would be long; so the text shows shared nodes and grows no faster than the expression.
    It is also a part if the nodes would otherwise be computed in a different order. ``inputs`` are
    the names of the inputs. The operations at the positions ``named`` are always parts.
    """
    return _Writer(expression, notation, inputs).parts(named)


class _Writer:
    """The text of each node so far, its precedence, and the first node computed only for it."""

    def __init__(self, expression: Expression, notation: Notation, inputs: Sequence[str]) -> None:
        self._expression = expression
        self._notation = notation
        self._inputs = inputs
        self._texts: list[tuple[str, int]] = []
        self._begins: list[int] = []
        self._parts: dict[int, str] = {}

    def parts(self, named: Collection[int]) -> list[tuple[str, str]]:
        """Write every node, and return the parts in the order of the nodes."""
        nodes = self._expression.nodes
        operations = (node for node in nodes if isinstance(node, Apply))
        uses = Counter(operand for node in operations for operand in node.operands)
        for position, node in enumerate(nodes):
            text, begin = self._written(position, node)
            self._texts.append(text)
            self._begins.append(begin)
            is_shared = isinstance(node, Apply) and (uses[position] > 1 or position in named)
            if is_shared and position != self._expression.output:
                self._name(position)
        parts = [
            (self._part_name(position), text) for position, text in sorted(self._parts.items())
        ]
        return [*parts, ("", self._texts[self._expression.output][0])]

    def _written(self, position: int, node: Node) -> tuple[tuple[str, int], int]:
        """Return the text of a node, and the position of the first node computed only for it."""
        match node:
            case Input():
                return (self._inputs[position], _ATOM), position
            case Constant(value):
                is_output = position == self._expression.output
                written = self._notation.constant_as_operand if is_output else repr
                return _number(written(value)), position
            case Apply(operation, operands):
                begin = self._write_in_place(position, operands)
                texts = [self._texts[operand] for operand in operands]
                self._write_constants(operation, operands, texts)
                return _applied(operation, texts, self._notation), begin

    def _write_in_place(self, position: int, operands: Sequence[int]) -> int:
        """Name the operands that cannot be written in place; return where the others begin.

        The nodes right before an operation are its constants. Before these come the nodes of its
        last operand, then those of the operand before that one, and so on. An operand that stands
        anywhere else gets a name.
        """
        constants = self._expression.constants
        begin = position
        for operand in reversed(operands):
            if operand in constants and operand + 1 == begin:
                begin = operand
        for operand in reversed(operands):
            is_operation = operand >= len(self._inputs) and operand not in constants
            if not is_operation or operand in self._parts:
                continue
            if operand + 1 == begin and len(self._texts[operand][0]) <= _MAX_PART_LENGTH:
                begin = self._begins[operand]
            else:
                self._name(operand)
        return begin

    def _write_constants(
        self, operation: Operation, operands: Sequence[int], texts: list[tuple[str, int]]
    ) -> None:
        """Rewrite the constants that cannot be plain numbers."""
        variables = [self._expression.nodes[operand] for operand in operands[: operation.variables]]
        alone = all(isinstance(node, Constant) for node in variables)
        for index, node in enumerate(variables):
            if not isinstance(node, Constant):
                continue
            if alone or not self._notation.is_plain(operation, index):
                texts[index] = _number(self._notation.constant_as_operand(node.value))

    def _name(self, position: int) -> None:
        self._parts[position] = self._texts[position][0]
        self._texts[position] = self._part_name(position), _ATOM

    def _part_name(self, position: int) -> str:
        return part_name(position, self._inputs)


def part_name(position: int, inputs: Iterable[str]) -> str:
    """Return a name for the part at a position, with a prefix that no input's name begins with."""
    prefix = "n"
    while any(name.startswith(prefix) for name in inputs):
        prefix += "_"
    return f"{prefix}{position}"


def in_one_line(text: str, longest: int) -> str:
    """Return a text without line breaks, shortened if it is long."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[:longest]}…"


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


def usable_names(inputs: Sequence[str], *, taken: Collection[str]) -> list[str]:
    """Return a variable for each input: its name, or a new one if a script cannot use that.

    It cannot use ``SCRIPT_NAMES`` and those ``taken`` in this script, such as that of the class.

    >>> usable_names(["a", "out", "Value"], taken=["Value"])
    ['a', 'x0', 'x1']
    """
    taken = {*SCRIPT_NAMES, *taken}
    fresh = (name for i in count() if (name := f"x{i}") not in {*taken, *inputs})
    return [name if _is_usable(name) and name not in taken else next(fresh) for name in inputs]


def _is_usable(name: str) -> bool:
    """Return whether a name is an ASCII identifier, and not like that of a part, such as ``n2``."""
    is_name = name.isidentifier() and name.isascii() and not keyword.iskeyword(name)
    return is_name and not re.fullmatch(r"n_*\d+", name)
