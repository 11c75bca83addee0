"""Formulas as text: parse ``tanh(a*b + c)`` as an expression, and write an expression."""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Sequence

from gradcheck.errors import UserError
from gradcheck.expression import (
    LARGEST_INT,
    Apply,
    Case,
    Constant,
    Expression,
    Input,
    Node,
    Step,
)
from gradcheck.formula_mistakes import (
    mistaken_character,
    mistaken_node,
    mistaken_syntax,
    shown,
)
from gradcheck.notation import Notation, written_parts
from gradcheck.operations import OPERATIONS, Operation, hint_for

_INFIX: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
}


class FormulaError(UserError, ValueError):
    """A text that is not a formula; the message says what to write instead."""


def parse(text: str, *, inputs: Sequence[str] | None = None) -> Expression:
    """Return the expression of a formula in Python's syntax; nothing in it is ever run.

    A part may be named first, to be used more than once: ``s = a*b; s*s``. Every other name is an
    input. The inputs are in the order of appearance, unless ``inputs`` gives the order; it may name
    more inputs than the formula uses. Each occurrence of an operation is a separate node. Raises
    ``FormulaError``.

    >>> parse("tanh(a*b + 2)").inputs
    ('a', 'b')
    >>> parse("s = a*b; s*s").size
    2
    >>> parse("a*a", inputs=["b", "a"]).inputs
    ('b', 'a')
    """
    text = text.strip()
    return _build(_statements(text), inputs, text)


def case(formula: str, /, *steps: Step, **numbers: float) -> Case:
    """Return the case of a formula at a point, given as a number for each input, in order.

    The formula need not use every input. The ``steps`` are those of ``Case``. Raises
    ``FormulaError`` as ``parse`` does.

    >>> case("a*b", a=2.0, b=-3.0)
    case("a*b", a=2.0, b=-3.0)
    >>> case("a*a", a=1.0, unused=0.5).expression
    parse("a*a", inputs=["a", "unused"])
    """
    point = tuple(map(float, numbers.values()))
    return Case(parse(formula, inputs=tuple(numbers)), point, steps)


def _build(statements: list[ast.stmt], declared: Sequence[str] | None, text: str) -> Expression:
    parts = [_part(statement, last=statement is statements[-1]) for statement in statements]
    named = [name for name, _ in parts if name is not None]
    inputs = _input_names(ast.Module(body=statements, type_ignores=[]), named)
    if declared is not None:
        _require_inputs(declared, inputs, named)
        inputs = list(declared)
    nodes: list[Node] = [Input(name) for name in inputs]
    position_of = {name: position for position, name in enumerate(inputs)}
    output = 0
    for name, part in parts:
        output = _append(part, nodes, position_of, text)
        if name is not None:
            position_of[name] = output
    return Expression(tuple(nodes), output=output)


def _statements(text: str) -> list[ast.stmt]:
    too_deep = "the formula is nested too deeply to be read"
    if (mistake := mistaken_character(text)) is not None:
        raise FormulaError(mistake)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of 2in and the like, which end here
            body = ast.parse(text).body
    except (RecursionError, MemoryError):
        raise FormulaError(too_deep) from None
    except SyntaxError as error:
        deep = "too many nested" in error.msg
        raise FormulaError(too_deep if deep else mistaken_syntax(text, error)) from None
    except ValueError:  # a NUL
        message = f"{shown(text)} is not a formula in Python's syntax"
        raise FormulaError(message) from None
    if not body:
        message = "the formula is empty; write for example tanh(a*b + c)"
        raise FormulaError(message)
    return body


def _part(statement: ast.stmt, *, last: bool) -> tuple[str | None, ast.expr]:
    match statement:
        case ast.Expr(value=value) if last:
            return None, value
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if not last:
            return name, value
    message = "a formula is one expression, after parts with names if any: s = a*b; s*s"
    raise FormulaError(message)


def _require_inputs(declared: Sequence[str], used: Sequence[str], parts: Sequence[str]) -> None:
    if missing := [name for name in used if name not in declared]:
        inputs = ", ".join(declared)
        message = f"the formula uses {missing[0]}, which is not among its inputs: {inputs}"
        raise FormulaError(message)
    if both := [name for name in parts if name in declared]:
        message = f"{both[0]} is an input and the name of a part; rename one of them"
        raise FormulaError(message)


def _append(root: ast.expr, nodes: list[Node], position_of: dict[str, int], text: str) -> int:
    """Add the nodes of a tree, and return the position of the result.

    Operands come before their operation, and constants right before it. A stack replaces recursion,
    so that the depth of the tree does not matter.
    """
    results: list[int | Constant] = []
    pending: list[ast.expr | Operation] = [root]
    while pending:
        item = pending.pop()
        if isinstance(item, Operation):
            operands = tuple(_placed(result, nodes) for result in results[-item.arity :])
            del results[-item.arity :]
            if any(not isinstance(nodes[i], Constant) for i in operands[item.variables :]):
                example = f"{item.name}(a, 2)" if item.precedence is None else f"a{item.name}2"
                message = f"the last operand of {item.name} has to be a number, as in {example}"
                raise FormulaError(message)
            nodes.append(Apply(item, operands))
            results.append(len(nodes) - 1)
        elif isinstance(item, ast.Name):
            if item.id not in position_of:
                message = f"{item.id} is used before it is defined"
                raise FormulaError(message)
            results.append(position_of[item.id])
        elif (number := _number(item)) is not None:
            results.append(Constant(number))
        else:
            operation, arguments = _operation(item, text)
            pending += [operation, *reversed(arguments)]
    return _placed(results[0], nodes)


def _placed(result: int | Constant, nodes: list[Node]) -> int:
    """Return the position of a result; a constant is added to the nodes."""
    if isinstance(result, int):
        return result
    nodes.append(result)
    return len(nodes) - 1


def _input_names(tree: ast.AST, named: list[str]) -> list[str]:
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called]
    for name in names:
        if name.id in OPERATIONS:
            message = f"{name.id} is an operation; write {name.id}(…)"
            raise FormulaError(message)
    names.sort(key=lambda name: (name.lineno, name.col_offset))
    return list(dict.fromkeys(name.id for name in names if name.id not in named))


def _number(node: ast.expr) -> float | None:
    """Return the number of a literal, with its sign, or None for anything else."""
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
            is_exact = isinstance(value, float) or abs(value) <= LARGEST_INT
            return value if is_exact else number
    return None


def _operation(node: ast.expr, text: str) -> tuple[Operation, list[ast.expr]]:
    match node:
        case ast.BinOp(left=left, op=ast.Pow(), right=right) if _number(right) is None:
            name, arguments = "power", [left, right]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _INFIX:
            name, arguments = _INFIX[type(op)], [left, right]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            name, arguments = "neg", [operand]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            arguments = _without_comparison(arguments)
        case _:
            raise FormulaError(mistaken_node(node, text))
    if name not in OPERATIONS:
        message = f"there is no operation {shown(name)}; {hint_for(name)}"
        raise FormulaError(message)
    try:
        return OPERATIONS[name].of(len(arguments)), arguments
    except ValueError as error:
        raise FormulaError(str(error)) from None


def _without_comparison(arguments: list[ast.expr]) -> list[ast.expr]:
    """Return the operands of a call such as ``where(c > d, a, b)``: c, d, a and b."""
    match arguments:
        case [ast.Compare(left=left, ops=[ast.Gt()], comparators=[right]), *others]:
            return [left, right, *others]
        case [ast.Compare(left=left, ops=[ast.Lt()], comparators=[right]), *others]:
            return [right, left, *others]
        case [ast.Compare(), *_]:
            message = "a comparison has one < or >, as in where(a > b, c, d)"
            raise FormulaError(message)
    return arguments


def write(expression: Expression) -> str:
    """Return the text of an expression, which ``parse`` reads back.

    A part gets a name if it is used more than once or would be long. So the text shows shared parts
    and grows no faster than the expression. ``parse`` returns the nodes in the same order: given
    the inputs, the result equals the expression if ``parse`` or the grammar made it.

    >>> write(parse("(a + b)*2")), write(parse("(a + b)*2.0"))
    ('(a + b)*2', '(a + b)*2.0')
    >>> write(parse("s = a*b; s*s"))
    'n2 = a*b; n2*n2'
    >>> write(parse("where(a < 1, a**b, b)"))
    'where(1 > a, power(a, b), b)'
    """
    *parts, (_, result) = written_parts(expression, _FORMULA, expression.inputs)
    return "; ".join([*(f"{name} = {text}" for name, text in parts), result])


def _call(operation: Operation, operands: Sequence[str]) -> str:
    if operation.compares:
        left, right, *others = operands
        operands = [f"{left} > {right}", *others]
    return f"{operation.name}({', '.join(operands)})"


_FORMULA = Notation(
    space="",
    call=_call,
    constant_as_operand=repr,
)
