"""A number that records the operations applied to it."""

from __future__ import annotations

import math
import numbers
import operator
import sys
from collections.abc import Callable, Sequence
from functools import partial
from types import FrameType
from typing import NoReturn

from gradcheck.expression import LARGEST_INT, Apply, Constant, Input, Node
from gradcheck.operations import OPERATIONS, Operation

Evaluate = Callable[[Operation, Sequence[float]], float]
"""A function that returns the result of an operation on numbers, NaN where it is undefined."""


class TraceError(TypeError):
    """A function does something that no expression can hold; the message says what and where."""


class Tape:
    """The nodes that a function has made so far, and at a point its decisions."""

    def __init__(
        self, names: Sequence[str], point: Sequence[float] = (), evaluate: Evaluate | None = None
    ) -> None:
        self.nodes: list[Node] = [Input(name) for name in names]
        self.decisions: dict[str, None] = {}
        self.places: dict[Operation, str] = {}
        self._numbers = list(point)
        self._evaluate = evaluate

    @property
    def inputs(self) -> list[TracedNumber]:
        """The traced inputs, which are the arguments of the function."""
        return [TracedNumber(self, i) for i, node in enumerate(self.nodes) if type(node) is Input]

    def position(self, value: object) -> int | None:
        """Return the node of a value: a new constant for a number, ``None`` for anything else."""
        if isinstance(value, TracedNumber):
            return self._own(value)
        if not isinstance(value, numbers.Real):
            return None
        try:
            constant = float(value)
        except OverflowError:
            constant = math.inf
        if not math.isfinite(constant):
            _refuse(f"the constant {value!s:.40}")
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_INT:
            constant = value
        self.nodes.append(Constant(constant))
        return len(self.nodes) - 1

    def apply(self, operation: Operation, *operands: object) -> TracedNumber:
        """Record an operation and return its result."""
        try:
            operation = operation.of(len(operands))
        except ValueError:
            _refuse(f"{operation.name} with {len(operands)} operands")
        if any(isinstance(operand, TracedNumber) for operand in _parameters(operation, operands)):
            _refuse(f"{operation.name} with a traced number as its last operand")
        positions = []
        for operand in operands:
            position = self.position(operand)
            if position is None:
                _refuse(f"{operation.name} with a {type(operand).__name__}")
            positions.append(position)
        if operation not in self.places:
            self.places[operation] = _users_line()
        self.nodes.append(Apply(operation, tuple(positions)))
        return TracedNumber(self, len(self.nodes) - 1)

    def decide(
        self, what: str, shown: str, decision: Callable[..., bool], *operands: object
    ) -> bool:
        """Return and record the decision at the point; without a point raise ``TraceError``."""
        if self._evaluate is None:
            _refuse(shown)
        outcome = decision(*(self._number(shown, operand) for operand in operands))
        self.decisions[f"{_users_line()}{what} was {str(outcome).lower()}"] = None
        return outcome

    def _number(self, shown: str, operand: object) -> object:
        if not isinstance(operand, TracedNumber):
            if not isinstance(operand, numbers.Real):
                _refuse(f"{shown} with a {type(operand).__name__}")
            return operand
        number = self._value(self._own(operand))
        if math.isnan(number):
            _refuse(f"{shown} of a NaN")
        return number

    def _value(self, position: int) -> float:
        assert self._evaluate is not None
        for node in self.nodes[len(self._numbers) : position + 1]:
            match node:
                case Constant(value):
                    self._numbers.append(float(value))
                case Apply(operation, operands):
                    values = [self._numbers[i] for i in operands]
                    self._numbers.append(self._evaluate(operation, values))
        return self._numbers[position]

    def _own(self, value: TracedNumber) -> int:
        if value._tape is not self:
            _refuse("a number of another traced function")
        return value._position


class TracedNumber:
    """A number that records the operations applied to it.

    Python's operators are methods, added below. Other operations are looked up in the table by
    their method. Anything else that Python can do with a number raises ``TraceError``.
    """

    __slots__ = ("_position", "_tape")
    __array_ufunc__ = None  # makes NumPy's numbers leave the operation to this operand

    def __init__(self, tape: Tape, position: int) -> None:
        self._tape = tape
        self._position = position

    def __repr__(self) -> str:
        return f"<traced node {self._position}>"

    __hash__ = object.__hash__

    def __getattr__(self, name: str) -> Callable[..., TracedNumber]:
        if name.startswith("__"):
            # Python and libraries look these up to find out what an object can do.
            raise AttributeError(name)
        operation = next((o for o in OPERATIONS.values() if o.method == name), None)
        if operation is None:
            _refuse(f".{name}")
        return partial(self._tape.apply, operation, self)


def _parameters(operation: Operation, operands: Sequence[object]) -> Sequence[object]:
    """Return the operands that have to be constants."""
    return operands[operation.variables :]


def _method(operation: Operation) -> Callable[..., TracedNumber]:
    return lambda *operands: operands[0]._tape.apply(operation, *operands)


def _reflected(operation: Operation) -> Callable[..., TracedNumber]:
    return lambda right, left: right._tape.apply(operation, left, right)


def _power(base: TracedNumber, exponent: object) -> TracedNumber:
    """Record ``a**2`` with a constant exponent, and ``a**b`` as the operation ``power``."""
    name = "power" if isinstance(exponent, TracedNumber) else "**"
    return base._tape.apply(OPERATIONS[name], base, exponent)


def _decision(what: str, shown: str, decision: Callable[..., bool]) -> Callable[..., bool]:
    return lambda *operands: operands[0]._tape.decide(what, shown, decision, *operands)


def _refusal(what: str) -> Callable[..., NoReturn]:
    def refuse(*_operands: object) -> NoReturn:
        _refuse(what)

    return refuse


def _refuse(what: str) -> NoReturn:
    """Raise ``TraceError`` with the line of the user's code that led to it."""
    message = (
        f"{_users_line()}{what} cannot be traced; "
        "use only the inputs, finite numbers and operations that `gradcheck fuzz --help` lists"
    )
    raise TraceError(message)


def _users_line() -> str:
    """Return the line of the user's code that led here, as the beginning of a message."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}: "


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
"""Binary operators by the name of their method; each has a reflected method too."""

_OTHERS = {
    "neg": "negation",
    "pos": "unary +",
    "invert": "~",
    "abs": "abs()",
    "float": "float(), which the functions of math call too,",
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

_COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
"""Comparisons, decided at a point. Python may call the mirrored method of the right operand."""

for _name, _shown in _BINARY.items():
    setattr(TracedNumber, f"__{_name}__", _refusal(_shown))
    setattr(TracedNumber, f"__r{_name}__", _refusal(_shown))
for _name, _shown in _OTHERS.items():
    setattr(TracedNumber, f"__{_name}__", _refusal(_shown))
for _name, _shown in _COMPARISONS.items():
    _compare = getattr(operator, _name)
    setattr(TracedNumber, f"__{_name}__", _decision("a comparison", _shown, _compare))
setattr(TracedNumber, "__bool__", _decision("a condition", "bool() or a condition", bool))  # noqa: B010
for _operation in OPERATIONS.values():
    if _operation.method.startswith("__") and _operation.name != "**":
        setattr(TracedNumber, _operation.method, _method(_operation))
        if _operation.method.strip("_") in _BINARY:
            setattr(TracedNumber, f"__r{_operation.method[2:]}", _reflected(_operation))
setattr(TracedNumber, "__pow__", _power)  # noqa: B010 - as the methods above
setattr(TracedNumber, "__rpow__", _reflected(OPERATIONS["power"]))  # noqa: B010
