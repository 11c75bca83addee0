"""Formulas as text: ``tanh(a*b + c)`` read into an expression and written out of one."""

from __future__ import annotations

import ast
import math

from gradcheck.expression import Apply, Constant, Expression, Input, Node
from gradcheck.operations import OPERATIONS, Operation

LONGEST_FORMULA = 40
"""Operations up to which an expression is written as one formula, shared nodes spelled out."""

_INFIX: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
}


class FormulaError(ValueError):
    """A text that is no formula; the message is one line that says what is wrong with it."""


def parse(text: str) -> Expression:
    """The expression that a formula in Python's syntax means; nothing in it is ever run.

    Every name is an input, in the order of appearance, and each occurrence of an operation is a
    node of its own. Raises ``FormulaError``.

    >>> parse("tanh(a*b + 2)").inputs
    ('a', 'b')
    """
    if not text.strip():
        message = "the formula is empty; write for example tanh(a*b + c)"
        raise FormulaError(message)
    too_deep = "the formula is nested too deeply to be read"
    try:
        root = ast.parse(text.strip(), mode="eval").body
    except (RecursionError, MemoryError):
        raise FormulaError(too_deep) from None
    except (SyntaxError, ValueError) as error:
        plain = f"{_shown(text)} is not a formula in Python's syntax"
        raise FormulaError(too_deep if "too many nested" in str(error) else plain) from None
    return _build(root)


def _build(root: ast.expr) -> Expression:
    """Walk the tree with a stack: operands first, then the operation that uses them."""
    names = _input_names(root)
    position_of = {name: position for position, name in enumerate(names)}
    nodes: list[Node] = [Input(name) for name in names]
    results: list[int] = []
    pending: list[ast.expr | Operation] = [root]
    while pending:
        item = pending.pop()
        if isinstance(item, ast.Name):
            results.append(position_of[item.id])
            continue
        if isinstance(item, Operation):
            operands = tuple(results[-item.arity :])
            del results[-item.arity :]
            nodes.append(Apply(item, operands))
        elif (number := _number(item)) is not None:
            nodes.append(Constant(number))
        else:
            operation, arguments = _operation(item)
            pending += [operation, *reversed(arguments)]
            continue
        results.append(len(nodes) - 1)
    return Expression(tuple(nodes), output=results[0])


def _input_names(root: ast.expr) -> list[str]:
    called = {id(node.func) for node in ast.walk(root) if isinstance(node, ast.Call)}
    names = [n for n in ast.walk(root) if isinstance(n, ast.Name) and id(n) not in called]
    for name in names:
        if name.id in OPERATIONS:
            message = f"{name.id} is an operation; write {name.id}(…)"
            raise FormulaError(message)
    names.sort(key=lambda name: (name.lineno, name.col_offset))
    return list(dict.fromkeys(name.id for name in names))


def _number(node: ast.expr) -> float | None:
    """The number that a literal means, with its sign, or None for anything else."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as literal):
            magnitude = _number(literal)
            return None if magnitude is None else -magnitude
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value):
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
            if math.isinf(number):
                message = "a number in the formula is too large for a float"
                raise FormulaError(message)
            return number
    return None


def _operation(node: ast.expr) -> tuple[Operation, list[ast.expr]]:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            name, arguments = _INFIX.get(type(op), type(op).__name__), [left, right]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            name, arguments = "-", [operand]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            pass
        case _:
            message = (
                f"a formula has no place for a {type(node).__name__} (column {node.col_offset + 1});"
                f" it is made of names, numbers and {' '.join(OPERATIONS)}"
            )
            raise FormulaError(message)
    if name not in OPERATIONS:
        message = f"there is no operation {_shown(name)}; there are: {' '.join(OPERATIONS)}"
        raise FormulaError(message)
    operation = OPERATIONS[name]
    if len(arguments) != operation.arity:
        message = f"{name} takes {operation.arity} operands, not {len(arguments)}"
        raise FormulaError(message)
    return operation, arguments


def _shown(text: str) -> str:
    return repr(text if len(text) <= LONGEST_FORMULA else f"{text[:LONGEST_FORMULA]}…")


_ATOM = 100  # binds more tightly than every operation


def write(expression: Expression) -> str:
    """The formula of an expression, or one assignment per line where it would be too long.

    >>> write(parse("(a + b)*2.0"))
    '(a + b)*2.0'
    """
    inline = expression.formula_size <= LONGEST_FORMULA
    lines: list[str] = []
    texts: list[tuple[str, int]] = []  # of each node, and how tightly it binds
    for position, node in enumerate(expression.nodes):
        match node:
            case Input(name):
                texts.append((name, _ATOM))
            case Constant(value):
                texts.append((repr(value), _ATOM))
            case Apply() if not expression.used[position]:
                texts.append(("", _ATOM))
            case Apply(operation, operands):
                text = _applied(operation, [texts[operand] for operand in operands])
                if not inline:
                    lines.append(f"n{position} = {text[0]}")
                texts.append(text if inline else (f"n{position}", _ATOM))
    return texts[expression.output][0] if inline else "\n".join(lines)


def _applied(operation: Operation, operands: list[tuple[str, int]]) -> tuple[str, int]:
    precedence = operation.precedence
    if precedence is None:
        return f"{operation.name}({', '.join(text for text, _ in operands)})", _ATOM
    spaced = f" {operation.name} " if precedence == 1 else operation.name
    (left, left_binds), (right, right_binds) = operands
    left = left if left_binds >= precedence else f"({left})"
    # Python groups to the left, so the same operation on the right keeps its brackets.
    right = right if right_binds > precedence else f"({right})"
    return f"{left}{spaced}{right}", precedence
