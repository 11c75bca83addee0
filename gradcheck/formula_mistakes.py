"""Messages for texts that are not formulas: each says what to write instead."""

from __future__ import annotations

import ast
import keyword
import re

from gradcheck.notation import in_one_line
from gradcheck.operations import OPERATIONS

_MAX_QUOTE_LENGTH = 60
"""Characters of the user's text in a message."""

_CHARACTERS = {
    **dict.fromkeys("×·⋅∙", "*"),  # noqa: RUF001 - it is meant
    **dict.fromkeys("÷∕", "/"),  # noqa: RUF001 - likewise
    **dict.fromkeys("−–—", "-"),  # noqa: RUF001 - likewise
    "²": "**2",
    "³": "**3",
    "√": "sqrt(…)",
}
"""Signs of mathematics and typography, with their replacements in Python."""

_NUMBER_AND_NAME = re.compile(
    r"(?<![\w.])"  # not in the middle of a name or a number
    r"((?!0x)\d+\.?\d*(?:e[+-]?\d+)?)"  # a number
    r"((?!e[+-]?\d)[^\W\d]\w*)"  # a name, which is not the exponent of the number
)
"""A product without its sign: ``2a``."""

_SIDE_BY_SIDE = re.compile(
    r"([^\W\d]\w*|\d[\w.]*|\))"  # a name, a number or the end of brackets
    r"\s*(?<=[\s)])"  # a space, except after brackets
    r"(?=(\w[\w.]*))"  # a name or a number, which may also be the first of the next two
)
"""Two operands without an operator: ``a b``, ``sin a``, ``(a + b)c``."""

_ON_BITS = "`{}` works on bits, not on real numbers"
_CHOOSE = "a formula has no conditions; max(a, b), min(a, b), relu(a) and abs(a) choose by value"

_NODES: dict[type[ast.AST], str] = {
    ast.BitXor: "`^` is not a power; write a**2",
    ast.MatMult: "`@` multiplies matrices, and inputs are numbers; write a*b",
    ast.FloorDiv: "`//` rounds, so it has no gradient to check; write a/b",
    ast.Mod: "`%` is a remainder, which gradcheck does not support",
    ast.BitAnd: _ON_BITS.format("&"),
    ast.BitOr: f"{_ON_BITS.format('|')}; write abs(a) for an absolute value",
    ast.LShift: _ON_BITS.format("<<"),
    ast.RShift: _ON_BITS.format(">>"),
    ast.Invert: _ON_BITS.format("~"),
    ast.UAdd: "a `+` stands between two operands; leave it out in front of one",
    ast.Not: _CHOOSE,
    ast.Compare: _CHOOSE,
    ast.BoolOp: _CHOOSE,
    ast.IfExp: _CHOOSE,
    ast.Subscript: "an input is one number, not an array; write for example a0 instead of a[0]",
    ast.Attribute: "a name cannot contain a dot; write 3.141592653589793 for math.pi",
    ast.Tuple: "a comma stands between operands, as in max(a, b), and a decimal point is a dot",
    ast.NamedExpr: "a part gets its name before it is used: s = a*b; s*s",
}


def shown(text: str) -> str:
    """Return a text as a message quotes it: in one line, shortened if it is long."""
    return f"`{in_one_line(text, _MAX_QUOTE_LENGTH)}`"


def mistaken_character(text: str) -> str | None:
    """Return a message for the first sign of mathematics that Python does not have."""
    for character in text:
        if character in _CHARACTERS:
            return f"`{character}` is not an operator here; write {_CHARACTERS[character]}"
    return None


def mistaken_syntax(text: str, error: SyntaxError) -> str:
    """Return a message for a text that Python cannot read."""
    if re.search(r"was never closed|^unmatched", error.msg):
        return f"{shown(text)} is not a formula: {error.msg}"
    if match := _NUMBER_AND_NAME.search(text):
        return f"{shown(match[0])} lacks an operator; write {match[1]}*{match[2]}"
    for match in _SIDE_BY_SIDE.finditer(text):
        first, second = match.groups()
        if keyword.iskeyword(first) or keyword.iskeyword(second):
            break
        if first in OPERATIONS:
            return f"{shown(f'{first} {second}')} lacks brackets; write {first}({second})"
        first = "(…)" if first == ")" else first
        return f"{shown(f'{first} {second}')} lacks an operator; write {first}*{second}"
    for sign, kind in (("|", ast.BitOr), (":=", ast.NamedExpr)):
        if sign in text:
            return _NODES[kind]
    return f"{shown(text)} is not a formula in Python's syntax"


def mistaken_node(node: ast.expr, text: str) -> str:
    """Return a message for a part of a text that is Python but not a formula."""
    match node:
        case ast.BinOp(op=kind) | ast.UnaryOp(op=kind) if type(kind) in _NODES:
            return _NODES[type(kind)]
        case ast.Call(func=ast.Attribute(attr=name)):
            return f"operations are written as functions: {name}(a), not a.{name}()"
        case ast.Call(func=ast.Name(id=name)):
            return f"the operands of {name} stand alone: {name}(a), not {name}(x=a)"
        case ast.Call():
            return f"{shown(_source(node, text))} lacks an operator; write a*(b), not a(b)"
        case _ if type(node) in _NODES:
            return _NODES[type(node)]
    return (
        f"a formula cannot contain {shown(_source(node, text))}; it is made of names, "
        f"real numbers and operations, such as a + b, a*b and tanh(a)"
    )


def _source(node: ast.expr, text: str) -> str:
    return ast.get_source_segment(text, node) or text
