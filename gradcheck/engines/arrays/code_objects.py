"""Objects that write down in Python what is done with them, and functions known by their names.

The engine's functions are called with these objects. The operations are not run; at most a tensor
is made, to see the shape that it keeps.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.operations import Shape


class NotWritableError(Exception):
    """An engine's function cannot be run on written objects, or a value has no code."""


@dataclass(frozen=True, slots=True)
class NamedFunction:
    """A function of the engine's module, which is written down by its name."""

    name: str
    function: Callable[..., object]

    @property
    def imported(self) -> str:
        """The name that has to be imported to use it: of ``Tensor.stack`` that is ``Tensor``."""
        return self.name.rpartition(":")[2].partition(".")[0]

    def __call__(self, *operands: object, **options: object) -> object:
        written = _first_written((*operands, *options.values()))
        if written is None:
            return self.function(*operands, **options)
        return written.of_function(self, operands, options)


def _first_written(values: Sequence[object]) -> Written | None:
    for value in values:
        if isinstance(value, Written):
            return value
        if isinstance(value, list | tuple) and (found := _first_written(value)) is not None:
            return found
    return None


@dataclass(frozen=True, slots=True)
class Names:
    """The names in the code for an engine.

    ``value`` is the attribute of a tensor's value, and ``value_path`` the code of its array, to be
    written after a tensor. ``used`` collects the functions and classes that the code needs.
    """

    class_: str
    value: str
    value_path: str
    used: dict[str, None]


class Written:
    """An object that writes down what is done with it.

    Under the name of an engine's value it has an array without numbers, of the shape it was made
    with: a call that depends on the numbers cannot be written down. What is done with it gives an
    object whose shape is not known, and whose array has the shape ``()``.
    """

    __slots__ = ("_names", "_shape", "_tree")

    __array_ufunc__ = None
    """An operator between an array of NumPy and this object is done by this object."""

    def __init__(self, tree: ast.expr, names: Names, shape: Shape | None = None) -> None:
        self._tree, self._names, self._shape = tree, names, shape

    def _made(self, tree: ast.expr) -> Written:
        return Written(tree, self._names)

    def of_function(
        self, function: NamedFunction, operands: Sequence[object], options: Mapping[str, object]
    ) -> Written:
        """Return the call of a named function, which has this object among its operands."""
        name = function.name
        self._names.used[name if ":" in name else function.imported] = None
        return self._made(call_tree(name_tree(name.rpartition(":")[2]), operands, options))

    def __getattr__(self, name: str) -> object:
        if name == self._names.value:
            return np.full(self._shape or (), np.nan)
        return self._made(ast.Attribute(self._tree, name))

    def __call__(self, *operands: object, **options: object) -> Written:
        return self._made(call_tree(self._tree, operands, options))

    def __getitem__(self, index: object) -> Written:
        return self._made(ast.Subscript(self._tree, tree_of(index)))

    def __neg__(self) -> Written:
        return self._made(ast.UnaryOp(ast.USub(), self._tree))

    def __invert__(self) -> Written:
        return self._made(ast.UnaryOp(ast.Invert(), self._tree))

    def __gt__(self, other: object) -> Written:
        return self._made(ast.Compare(self._tree, [ast.Gt()], [tree_of(other)]))

    def __lt__(self, other: object) -> Written:
        return self._made(ast.Compare(self._tree, [ast.Lt()], [tree_of(other)]))

    def __abs__(self) -> Written:
        return self._made(call_tree(name_tree("abs"), [self], {}))


def _add_operator(name: str, sign: type[ast.operator]) -> None:
    def forward(self: Written, other: object) -> Written:
        return self._made(ast.BinOp(self._tree, sign(), tree_of(other)))

    def reflected(self: Written, other: object) -> Written:
        return self._made(ast.BinOp(tree_of(other), sign(), self._tree))

    setattr(Written, f"__{name}__", forward)
    setattr(Written, f"__r{name}__", reflected)


for _method, _sign in {
    "add": ast.Add,
    "sub": ast.Sub,
    "mul": ast.Mult,
    "truediv": ast.Div,
    "pow": ast.Pow,
    "matmul": ast.MatMult,
}.items():
    _add_operator(_method, _sign)


def array_of(written: Written) -> Written:
    """Return the array that a tensor holds."""
    path = written._names.value_path
    tree = ast.parse(f"({ast.unparse(tree_of(written))}){path}", mode="eval").body
    return written._made(tree)


def dimensions_of(written: Written) -> int:
    """Return the number of axes of a tensor. Raises ``NotWritableError`` if it is not known."""
    if written._shape is None:
        message = "the result of an operation has no shape before it is run"
        raise NotWritableError(message)
    return len(written._shape)


def tensor_of(array: object, beside: Written) -> Written:
    """Return a tensor of an array, which is an operand beside another one."""
    names = beside._names
    return beside._made(call_tree(name_tree(names.class_), [array], {}))


def name_in_module(name: str, beside: Written) -> Written:
    """Return a class or a function of the engine's module, to be called with written objects."""
    beside._names.used[name] = None
    return beside._made(name_tree(name))


def name_tree(name: str) -> ast.Name:
    """Return the code of a name."""
    return ast.Name(name)


def call_tree(
    function: ast.expr, operands: Collection[object], options: Mapping[str, object]
) -> ast.Call:
    """Return the code of a call."""
    keywords = [ast.keyword(name, tree_of(value)) for name, value in options.items()]
    return ast.Call(function, [tree_of(operand) for operand in operands], keywords)


def tree_of(value: object) -> ast.expr:
    """Return the code of a written object, or of a plain value. Raises ``NotWritableError``."""
    match value:
        case Written():
            return value._tree
        case np.ndarray() | np.generic():
            return _array_tree(np.asarray(value))
        case list() | tuple():
            parts = [tree_of(part) for part in value]
            return ast.List(parts) if isinstance(value, list) else ast.Tuple(parts)
        case slice(start=start, stop=stop, step=step):
            ends = (None if end is None else tree_of(end) for end in (start, stop, step))
            return ast.Slice(*ends)
        case type() if value is float:
            return name_tree("float")
        case None | str() | int() | float() if repr(value) != "nan":
            return ast.parse(repr(value), mode="eval").body
    message = f"{value!r:.60} cannot be written down"
    raise NotWritableError(message)


def _array_tree(array: NDArray[Any]) -> ast.expr:
    if np.isnan(array).any():
        message = "an array without numbers cannot be written down"
        raise NotWritableError(message)
    name, argument = ("array", array.tolist()) if array.size else ("zeros", array.shape)
    return call_tree(ast.Attribute(name_tree("np"), name), [argument], {})
