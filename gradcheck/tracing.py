"""From a plain Python function to an expression: what it does to its arguments is noted down."""

from __future__ import annotations

import inspect
import math
import numbers
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import NoReturn, cast

from gradcheck.expression import Apply, Constant, Expression, Input, Node
from gradcheck.operations import OPERATIONS, Operation


class TraceError(TypeError):
    """A function does what no expression can hold; the message is one line: what, and where."""


def trace(function: Callable[..., object], names: Sequence[str]) -> Expression:
    """The expression that a function of plain Python computes, with inputs of the given names.

    The function is called once, by keyword, with objects that note every operation of the table.
    A plain number on either side is a constant. Raises ``TraceError`` for everything else that it
    does to them: another operation, a comparison, ``float()``.

    >>> from gradcheck.formula import write
    >>> write(trace(lambda a, b: (2*a*b + 3).tanh(), ["a", "b"]))
    'tanh(2.0*a*b + 3.0)'
    """
    _require_parameters(function, names)
    nodes: list[Node] = [Input(name) for name in names]
    inputs = [_Traced(nodes, position) for position in range(len(nodes))]
    returned = function(**dict(zip(names, inputs, strict=True)))
    output = _position(returned, nodes)
    if output is None:
        message = f"{_place(function)} returns a {type(returned).__name__}, not a number"
        raise TraceError(message)
    return Expression(tuple(nodes), output=output)


class _Traced:
    """A number without a value, which notes what is done to it.

    The methods of the operations are added below; the rest of what Python can do to a number is
    refused.
    """

    __slots__ = ("_nodes", "_position")
    __array_ufunc__ = None  # NumPy's own numbers leave an operation to the operand on the right

    def __init__(self, nodes: list[Node], position: int) -> None:
        self._nodes = nodes
        self._position = position

    def __repr__(self) -> str:
        return f"<traced node {self._position}>"

    __hash__ = object.__hash__

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            # Python and others ask for these to see what an object can do.
            raise AttributeError(name)
        _refuse(f".{name}")


def _position(value: object, nodes: list[Node]) -> int | None:
    """Where a value stands in the program, a plain number as a new constant; else ``None``."""
    if isinstance(value, _Traced):
        if value._nodes is not nodes:
            _refuse("a number of another traced function")
        return value._position
    if not isinstance(value, numbers.Real):
        return None
    try:
        constant = float(value)
    except OverflowError:
        constant = math.inf
    if not math.isfinite(constant):
        _refuse(f"the constant {value!s:.40}")
    nodes.append(Constant(constant))
    return len(nodes) - 1


def _method(operation: Operation, *, reflected: bool = False) -> Callable[..., _Traced]:
    def apply(*operands: object) -> _Traced:
        if len(operands) != operation.arity:
            _refuse(f"{operation.name} with {len(operands)} operands")
        nodes = cast("_Traced", operands[0])._nodes
        positions = [_position(operand, nodes) for operand in operands[:: -1 if reflected else 1]]
        if None in positions:
            other = operands[:: -1 if reflected else 1][positions.index(None)]
            _refuse(f"{operation.name} with a {type(other).__name__}")
        nodes.append(Apply(operation, tuple(cast("list[int]", positions))))
        return _Traced(nodes, len(nodes) - 1)

    return apply


def _refusal(what: str) -> Callable[..., NoReturn]:
    def refuse(*_operands: object) -> NoReturn:
        _refuse(what)

    return refuse


def _refuse(what: str) -> NoReturn:
    """Raise the one error, with the line of the user's code that led to it."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    where = "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}: "
    message = (
        f"{where}{what} has no place in a traced function; "
        f"it is made of its inputs, finite numbers and {' '.join(OPERATIONS)}"
    )
    raise TraceError(message)


def _require_parameters(function: Callable[..., object], names: Sequence[str]) -> None:
    try:
        signature = inspect.signature(function)
    except ValueError:  # some functions written in C do not tell
        return
    try:
        signature.bind(**dict.fromkeys(names))
    except TypeError as error:
        given = ", ".join(names) or "no numbers"
        message = f"{_place(function)} takes {signature}, but is given {given}: {error}"
        raise TraceError(message) from None


def _place(function: Callable[..., object]) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    code = getattr(function, "__code__", None)
    return name if code is None else f"{code.co_filename}:{code.co_firstlineno}: {name}"


_BINARY = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "divmod": "divmod()",
    "pow": "**",
    "matmul": "@",
    "and": "&",
    "or": "|",
    "xor": "^",
    "lshift": "<<",
    "rshift": ">>",
}
"""What can stand between two numbers, by the name of its method; each can be reflected."""

_OTHERS = {
    "neg": "negation",
    "pos": "unary +",
    "invert": "~",
    "abs": "abs()",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "eq": "==",
    "ne": "!=",
    "bool": "bool() or a condition",
    "float": "float()",
    "int": "int()",
    "complex": "complex()",
    "index": "use as an index",
    "round": "round()",
    "trunc": "math.trunc()",
    "floor": "math.floor()",
    "ceil": "math.ceil()",
    "len": "len()",
    "iter": "iteration",
    "getitem": "[]",
}

for _name, _shown in _BINARY.items():
    setattr(_Traced, f"__{_name}__", _refusal(_shown))
    setattr(_Traced, f"__r{_name}__", _refusal(_shown))
for _name, _shown in _OTHERS.items():
    setattr(_Traced, f"__{_name}__", _refusal(_shown))
for _operation in OPERATIONS.values():
    setattr(_Traced, _operation.method, _method(_operation))
    if _operation.word in _BINARY and _operation.method.startswith("__"):
        setattr(_Traced, f"__r{_operation.word}__", _method(_operation, reflected=True))
