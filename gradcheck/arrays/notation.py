"""Array programs read from text: ``sum(x @ W + b, axis=0)``."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.operations import (
    ARRAY_OPERATIONS,
    Index,
    IndexPart,
    Mask,
    Option,
    Options,
    Shape,
    Slice,
)
from gradcheck.arrays.other_names import (
    is_known,
    options_in_table,
    same_name,
    takes_options,
)
from gradcheck.arrays.program import (
    ArrayApply,
    ArrayCase,
    ArrayConstant,
    ArrayInput,
    ArrayNode,
    ArrayProgram,
)
from gradcheck.arrays.program_text import HALF, INFIX
from gradcheck.formula import FormulaError
from gradcheck.formula_mistakes import shown

_NAMES = {operator: name for name, operator in INFIX.items() if name != "power"}


def parse_program(text: str, shapes: Mapping[str, Shape]) -> ArrayProgram:
    """Return the program of a text in Python's syntax, with inputs of these shapes.

    Operations are written as functions or as methods, with the names and options of NumPy. Nothing
    in the text is ever run. Raises ``FormulaError`` for a text that is no program, and for shapes
    that do not fit.
    """
    try:
        statements = ast.parse(text.strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        message = f"{shown(text)} is not a formula in Python's syntax"
        raise FormulaError(message) from None
    reader = _Reader({name: i for i, name in enumerate(shapes)})
    reader.nodes += [ArrayInput(name, shape) for name, shape in shapes.items()]
    for number, statement in enumerate(statements, start=1):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if number < len(statements):
                reader.named[name] = reader.read(value)
            case ast.Expr(value=value) if number == len(statements):
                result = reader.read(value)
            case _:
                message = (
                    "a formula is one expression, after parts with names if any: s = x @ W; s*s"
                )
                raise FormulaError(message)
    try:
        if result != len(reader.nodes) - 1:
            message = "the formula is an input or a part, and nothing is done with it"
            raise FormulaError(message)
        return ArrayProgram(tuple(reader.nodes))
    except ValueError as error:
        if isinstance(error, FormulaError):
            raise
        raise FormulaError(str(error)) from None


def array_case(formula: str, /, *, weights: object = None, **arrays: object) -> ArrayCase:
    """Return the case of a formula, given an array, a nested list or a number for each input.

    ``weights`` has the shape of the result. Raises ``FormulaError`` as ``parse_program`` does, and
    for what is no array of numbers.

    >>> array_case("sum(x, axis=0)", x=[[1, 2], [3, 4]], weights=[1, -1])
    array_case("sum(x, axis=0)", weights=[1.0, -1.0], x=[[1.0, 2.0], [3.0, 4.0]])
    """
    found = {name: _array(name, array) for name, array in arrays.items()}
    program = parse_program(formula, {name: array.shape for name, array in found.items()})
    values = tuple(tuple(array.ravel().tolist()) for array in found.values())
    try:
        numbers = None if weights is None else _array("weights", weights)
        if numbers is not None and numbers.shape != program.shape:
            message = f"the weights have shape {numbers.shape}, and the result {program.shape}"
            raise FormulaError(message)
        of_result = None if numbers is None else tuple(numbers.ravel().tolist())
        return ArrayCase(program, values, of_result)
    except ValueError as error:
        raise FormulaError(str(error)) from None


def _array(name: str, array: object) -> NDArray[np.float64]:
    message = f"{name} is no array of numbers: its rows have different lengths, or hold others"
    try:
        # NumPy would drop imaginary parts with a warning, and read text as numbers.
        if np.asarray(array).dtype.kind in "cmMSU":
            raise FormulaError(message)
        return np.array(array, dtype=np.float64)
    except (ValueError, TypeError):
        raise FormulaError(message) from None


class _Reader:
    """The nodes that have been read, and the positions of those with a name."""

    def __init__(self, named: dict[str, int]) -> None:
        self.nodes: list[ArrayNode] = []
        self.named = named

    def read(self, tree: ast.expr) -> int:
        """Add the nodes of a tree, and return the position of the result."""
        if isinstance(tree, ast.Name):
            return self._array(tree.id)
        if _is_literal(tree):
            return self._constant(tree)
        keywords: list[ast.keyword] = []
        match tree:
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                name, operands = "neg", [operand]
            case ast.BinOp(left=left, op=ast.Pow(), right=right) if not _is_literal(right):
                name, operands = "power", [left, right]
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _NAMES:
                name, operands = _NAMES[type(op)], [left, right]
            case ast.Attribute(value=value, attr="T"):
                name, operands = "transpose", [value]
            case ast.Call(func=ast.Name(id=name), args=operands, keywords=keywords):
                pass
            case ast.Call(func=ast.Attribute(value=value, attr=name), args=args, keywords=keywords):
                operands = [value, *args]
            case ast.Subscript(value=value, slice=index):
                return self._apply("index", [self.read(value)], (("index", _read_index(index)),))
            case _:
                message = f"{shown(ast.unparse(tree))} is neither an operation nor an array"
                raise FormulaError(message)
        return self._call(name, operands, keywords)

    def _array(self, name: str) -> int:
        if name not in self.named:
            known = ", ".join(self.named) or "none"
            message = f"{name} has no array; those that have one: {known}"
            raise FormulaError(message)
        return self.named[name]

    def _call(self, name: str, arguments: list[ast.expr], keywords: list[ast.keyword]) -> int:
        if not is_known(name):
            message = f"there is no array operation {shown(name)}"
            raise FormulaError(message)
        by_position: list[Option] = []
        if takes_options(name):
            by_position = [_read_option(argument) for argument in arguments[1:]]
            arguments = arguments[:1]
        named = {word.arg or "": _read_option(word.value) for word in keywords}
        match arguments:
            case [ast.Compare(left=left, ops=[ast.Gt()], comparators=[right]), *others]:
                operands = [self.read(left), self.read(right)]
            case [ast.Compare(left=left, ops=[ast.Lt()], comparators=[right]), *others]:
                operands = [self.read(right), self.read(left)]
            case [condition, *others] if name == "where" and _is_literal(condition):
                operands = [self._constant(condition), self._add(HALF)]
            case _:
                operands, others = [], arguments
        operands += map(self.read, others)
        try:
            options = options_in_table(
                name, by_position, named, lambda: [len(self._shape(i)) for i in operands]
            )
        except (ValueError, IndexError) as error:
            message = f"{name}: {error}"
            raise FormulaError(message) from None
        return self._apply(same_name(name), operands, tuple(options.items()))

    def _shape(self, position: int) -> Shape:
        return ArrayProgram(tuple(self.nodes)).shapes[position]

    def _apply(self, name: str, operands: Sequence[int], options: Options = ()) -> int:
        return self._add(ArrayApply(ARRAY_OPERATIONS[name], tuple(operands), options))

    def _add(self, node: ArrayNode) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def _constant(self, tree: ast.expr) -> int:
        try:
            array = np.array(ast.literal_eval(tree), dtype=np.float64)
        except (ValueError, TypeError, SyntaxError):
            message = f"{shown(ast.unparse(tree))} is neither an operation nor an array of numbers"
            raise FormulaError(message) from None
        return self._add(ArrayConstant(array.shape, tuple(array.ravel().tolist())))


def _is_literal(tree: ast.expr) -> bool:
    try:
        ast.literal_eval(tree)
    except (ValueError, TypeError, SyntaxError):
        return False
    return True


def _read_option(tree: ast.expr) -> Option:
    value = _value(tree)
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, tuple | list):
        if all(type(x) is int for x in value):
            return tuple(value)
        pairs = [tuple(x) if isinstance(x, tuple | list) else () for x in value]
        if all(len(x) == 2 and type(x[0]) is type(x[1]) is int for x in pairs):  # noqa: PLR2004
            return tuple((int(before), int(after)) for before, after in pairs)
    message = f"{shown(ast.unparse(tree))} is no axis or shape"
    raise FormulaError(message)


def _read_index(tree: ast.expr) -> Index:
    parts = tree.elts if isinstance(tree, ast.Tuple) else [tree]
    return tuple(_read_part(part) for part in parts)


def _read_part(tree: ast.expr) -> IndexPart:
    if isinstance(tree, ast.Slice):
        ends = [_end(part) for part in (tree.lower, tree.upper, tree.step)]
        return Slice(*ends)
    value = _value(tree)
    if type(value) is int:
        return value
    if isinstance(value, list):
        if all(type(x) is int for x in value):
            return tuple(value)
        if (mask := _mask(value)) is not None:
            return mask
    message = f"{shown(ast.unparse(tree))} is no index: write whole numbers, slices, or a list"
    raise FormulaError(message)


def _mask(value: object) -> Mask | None:
    """Return the mask that nested lists of booleans are."""
    try:
        array = np.array(value)
    except ValueError:  # rows of different lengths
        return None
    return Mask(array.shape, tuple(array.ravel().tolist())) if array.dtype == np.bool_ else None


def _end(tree: ast.expr | None) -> int | None:
    """Return an end or the step of a slice."""
    if tree is None:
        return None
    value = _value(tree)
    if value is None or isinstance(value, int):
        return value
    message = f"{shown(ast.unparse(tree))} is no end of a slice: write a whole number"
    raise FormulaError(message)


def _value(tree: ast.expr) -> object:
    try:
        return ast.literal_eval(tree)
    except (ValueError, TypeError):
        return tree
