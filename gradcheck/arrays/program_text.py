"""Array programs written as text: ``sum(x @ W + b, axis=0)``."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence

from gradcheck.arrays.operations import IndexPart, Mask, Option, Slice
from gradcheck.arrays.program import (
    ArrayApply,
    ArrayConstant,
    ArrayInput,
    ArrayNode,
    ArrayProgram,
    as_array,
)

INFIX: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "**": ast.Pow,
    "power": ast.Pow,
    "matmul": ast.MatMult,
}
"""The operations that are written between their operands."""


def write_program(program: ArrayProgram) -> str:
    """Return the text of a program, which ``parse_program`` reads back, given the shapes.

    An operation that is used more than once gets a name first.

    >>> from gradcheck.arrays.notation import parse_program
    >>> write_program(parse_program("s = x @ y.T; s*s + 2", {"x": (2, 3), "y": (2, 3)}))
    'n1 = x @ transpose(y); n1 * n1 + 2.0'
    """
    uses = Counter(i for n in program.nodes if isinstance(n, ArrayApply) for i in n.operands)
    parts: list[str] = []
    written: list[ast.expr] = []
    for position, node in enumerate(program.nodes):
        text = _as_tree(node, program.nodes, written)
        if isinstance(node, ArrayApply) and uses[position] > 1:
            name = f"n{len(parts) + 1}"
            parts.append(f"{name} = {ast.unparse(text)}")
            text = ast.Name(name)
        written.append(text)
    return "; ".join([*parts, ast.unparse(written[-1])])


def _as_tree(node: ArrayNode, nodes: Sequence[ArrayNode], written: Sequence[ast.expr]) -> ast.expr:
    match node:
        case ArrayInput(name):
            return ast.Name(name)
        case ArrayConstant(shape, numbers):
            return ast.parse(repr(as_array(shape, numbers).tolist()), mode="eval").body
        case ArrayApply(operation, positions, options):
            operands = [written[i] for i in positions]
            if operation.name == "neg":
                return ast.UnaryOp(ast.USub(), operands[0])
            if operation.name in INFIX:
                return ast.BinOp(operands[0], INFIX[operation.name](), operands[1])
            if operation.name == "index":
                return ast.Subscript(operands[0], _index_tree(dict(options)["index"]))
            if operation.name == "where":
                first, second, *operands = operands
                operands = [_condition_tree(nodes, positions, first, second), *operands]
            keywords = [ast.keyword(name, _literal(value)) for name, value in options]
            return ast.Call(ast.Name(operation.name), operands, keywords)


def _condition_tree(
    nodes: Sequence[ArrayNode], positions: Sequence[int], first: ast.expr, second: ast.expr
) -> ast.expr:
    """Return a comparison, or the array of booleans that it was made from."""
    left, right = (nodes[position] for position in positions[:2])
    if isinstance(left, ArrayConstant) and right == HALF and {*left.numbers} <= {0.0, 1.0}:
        return _literal(left.array.astype(bool).tolist())
    return ast.Compare(first, [ast.Gt()], [second])


HALF = ArrayConstant((), (0.5,))
"""The number with which an array of booleans is compared."""


def _literal(value: object) -> ast.expr:
    return ast.parse(repr(value), mode="eval").body


def index_text(index: Option) -> str:
    """Return an index as Python writes it between the brackets.

    >>> index_text((Slice(1), (0, 0)))
    '1:, [0, 0]'
    """
    return ast.unparse(ast.Subscript(ast.Name("x"), _index_tree(index)))[2:-1]


def _index_tree(index: Option) -> ast.expr:
    assert isinstance(index, tuple)
    parts = [_part_tree(part) for part in index]
    return parts[0] if len(parts) == 1 else ast.Tuple(parts)


def _part_tree(part: IndexPart) -> ast.expr:
    if isinstance(part, Mask):
        return _literal(part.array.tolist())
    if isinstance(part, Slice):
        return ast.Slice(*(None if x is None else _literal(x) for x in part))
    return _literal(list(part) if isinstance(part, tuple) else part)
