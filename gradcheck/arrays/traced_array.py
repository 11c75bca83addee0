"""Arrays that record the operations on them, while a function runs."""

from __future__ import annotations

import numbers
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.elements import Elements, Positions
from gradcheck.arrays.numpy_calls import call_of, index_of_numpy, option_of
from gradcheck.arrays.operations import (
    ARRAY_OPERATIONS,
    ArrayOperation,
    Option,
    Options,
)
from gradcheck.arrays.other_names import is_known, options_in_table, same_name, takes_options
from gradcheck.arrays.program import (
    ArrayApply,
    ArrayConstant,
    ArrayInput,
    ArrayNode,
    ArrayProgram,
)
from gradcheck.traced_number import TraceError

Arrays = Mapping[str, NDArray[np.float64]]
"""The arrays of the inputs by their names."""


class Tape:
    """The nodes that a function has made so far, with the elements of each."""

    def __init__(self, arrays: Arrays) -> None:
        self.nodes: list[ArrayNode] = []
        self.elements = Elements()
        self.arrays: list[Positions] = []
        for name, array in arrays.items():
            self.nodes.append(ArrayInput(name, array.shape))
            self.arrays.append(self.elements.inputs(name, array.shape))

    def inputs(self) -> dict[str, TracedArray]:
        """Return the traced inputs by name, which are the arguments of the function."""
        inputs = [node for node in self.nodes if isinstance(node, ArrayInput)]
        return {x.name: TracedArray(self, i) for i, x in enumerate(inputs)}

    def program(self, result: TracedArray) -> ArrayProgram:
        """Return the program whose result is that array; what comes after it is left out."""
        position = self.position(result)
        if isinstance(self.nodes[position], ArrayInput):
            message = "the function returns one of its inputs, and nothing is done with it"
            raise TraceError(message)
        return ArrayProgram(tuple(self.nodes[: position + 1]))

    def position(self, value: object) -> int:
        """Return the node of a value: a new constant for a number or an array of numbers."""
        if isinstance(value, TracedArray):
            if value._tape is not self:
                _refuse("an array of another traced function")
            return value._position
        try:
            array = np.array(value, dtype=np.float64)
        except (TypeError, ValueError):
            _refuse(f"an operation with a {type(value).__name__}")
        if not np.all(np.isfinite(array)):
            _refuse("a constant that is not finite")
        constant = ArrayConstant(array.shape, tuple(array.ravel().tolist()))
        self.nodes.append(constant)
        self.arrays.append(self.elements.constants(constant.array))
        return len(self.nodes) - 1

    def apply(
        self, operation: ArrayOperation, operands: Sequence[object], options: Options
    ) -> object:
        """Record an operation and return its result."""
        positions = tuple(map(self.position, operands))
        node = ArrayApply(operation, positions, options)
        try:
            made = operation.result(self.elements, [self.arrays[i] for i in positions], options)
        except ValueError as error:
            message = f"{_users_line()}{error}"
            raise TraceError(message) from None
        self.nodes.append(node)
        self.arrays.append(made)
        return TracedArray(self, len(self.nodes) - 1)


class TracedArray:
    """An array that records the operations applied to it.

    Methods are looked up in the table of array operations by their names.
    """

    __slots__ = ("_position", "_tape")

    def __init__(self, tape: Tape, position: int) -> None:
        self._tape = tape
        self._position = position

    def __repr__(self) -> str:
        return f"<traced array of shape {self.shape}>"

    __hash__ = object.__hash__

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        shape: tuple[int, ...] = self._tape.arrays[self._position].shape
        return shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self.shape))

    @property
    def T(self) -> object:  # noqa: N802 - NumPy's name
        """The transposed array."""
        return self._do("transpose", (self,), {})

    def __len__(self) -> int:
        return self.shape[0]

    def __getattr__(self, name: str) -> Callable[..., object]:
        if name.startswith("__"):
            # Python and NumPy look these up to find out what an object can do.
            raise AttributeError(name)
        if not is_known(name):
            _refuse(f".{name}")
        return lambda *others, **options: self._do(name, (self, *others), options)

    def __getitem__(self, index: object) -> object:
        try:
            parts = index_of_numpy(index)
        except TypeError as error:
            _refuse(str(error))
        return self._tape.apply(ARRAY_OPERATIONS["index"], (self,), (("index", parts),))

    def __pow__(self, exponent: object) -> object:
        name = "**" if isinstance(exponent, numbers.Real) else "power"
        return self._do(name, (self, exponent), {})

    def __rpow__(self, base: object) -> object:
        return self._do("power", (base, self), {})

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: object, **options: object
    ) -> object:
        name = _UFUNCS.get(ufunc.__name__, ufunc.__name__)
        if (
            method != "__call__"
            or options
            or not (name in ARRAY_OPERATIONS or name in _COMPARISONS)
        ):
            _refuse(f"numpy.{ufunc.__name__}")
        if name in _COMPARISONS:
            return _compared(name, *inputs)
        return self._do(name, inputs, {})

    def __array_function__(
        self,
        function: Callable[..., object],
        _types: object,
        operands: Sequence[object],
        options: Mapping[str, object],
    ) -> object:
        call = call_of(function, operands, options)
        if call is None:
            _refuse(f"numpy.{function.__name__}")
        name, operands, given = call
        if name == "where":
            return self._where(*operands)
        if name == "split":
            return self._split(operands, given)
        is_list = operands and isinstance(operands[0], list | tuple)
        if is_list and ARRAY_OPERATIONS[same_name(name)].any_arity:
            first, *others = operands
            assert isinstance(first, list | tuple)
            operands = (*first, *others)
        return self._do(name, operands, given)

    def _where(self, condition: object, *branches: object) -> object:
        """Choose by a comparison, or by an array of booleans, which is compared with a half."""
        pair: tuple[object, object] = (condition, 0.5)
        if isinstance(condition, _Comparison):
            pair = (condition.larger, condition.smaller)
        return self._do("where", (*pair, *branches), {})

    def _split(self, operands: Sequence[object], options: Mapping[str, object]) -> list[object]:
        sections = options.get("sections")
        if not isinstance(sections, int):
            _refuse("numpy.split at several places")
        given = {"axis": 0, **options}
        return [self._do("split", operands, {**given, "part": i}) for i in range(sections)]

    def _do(self, name: str, operands: Sequence[object], options: Mapping[str, object]) -> object:
        by_position: list[Option] = []
        try:
            given = {key: option_of(value) for key, value in options.items()}
            if takes_options(name):
                by_position = [option_of(value) for value in operands[1:]]
                operands = operands[:1]
        except TypeError as error:
            _refuse(str(error))
        try:
            found = options_in_table(
                name, by_position, given, lambda: [*map(_dimensions, operands)]
            )
        except ValueError as error:
            message = f"{_users_line()}{name}: {error}"
            raise TraceError(message) from None
        operation = ARRAY_OPERATIONS[same_name(name)]
        return self._tape.apply(operation, operands, tuple(found.items()))


def _dimensions(operand: object) -> int:
    return operand.ndim if isinstance(operand, TracedArray) else np.ndim(np.asarray(operand))


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Which elements of an array are larger than those of another; a choice may depend on it."""

    traced: TracedArray
    larger: object
    smaller: object

    __array_ufunc__ = None

    def __bool__(self) -> bool:
        return _refuse("a decision on a number")

    def __array_function__(
        self,
        function: Callable[..., object],
        types: object,
        operands: Sequence[object],
        options: Mapping[str, object],
    ) -> object:
        return self.traced.__array_function__(function, types, operands, options)


_COMPARISONS = ("greater", "less")


def _compared(name: str, left: object, right: object) -> object:
    traced = left if isinstance(left, TracedArray) else right
    assert isinstance(traced, TracedArray)
    larger, smaller = (left, right) if name == "greater" else (right, left)
    return _Comparison(traced, larger, smaller)


_UFUNCS = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "negative": "neg",
    "absolute": "abs",
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "tan2")},
}
"""NumPy's names of operations that the table calls otherwise."""


def _refuse(what: str) -> NoReturn:
    """Raise ``TraceError`` with the line of the user's code that led to it."""
    message = f"{_users_line()}{what} cannot be traced on arrays"
    raise TraceError(message)


def _users_line() -> str:
    """Return the line of the user's code that led here, as the beginning of a message."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}: "


def _refusal(what: str) -> Callable[..., NoReturn]:
    return lambda *_operands: _refuse(what)


def _comparison(name: str) -> Callable[..., object]:
    return lambda left, right: _compared(name, left, right)


def _unary(name: str) -> Callable[..., object]:
    return lambda operand: operand._do(name, (operand,), {})


def _binary(name: str) -> Callable[..., object]:
    return lambda left, right: left._do(name, (left, right), {})


def _reflected(name: str) -> Callable[..., object]:
    return lambda right, left: right._do(name, (left, right), {})


for _method, _name in {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "matmul": "matmul",
}.items():
    setattr(TracedArray, f"__{_method}__", _binary(_name))
    setattr(TracedArray, f"__r{_method}__", _reflected(_name))
for _method in ("neg", "abs"):
    setattr(TracedArray, f"__{_method}__", _unary(_method))
for _method, _name in {"gt": "greater", "lt": "less"}.items():
    setattr(TracedArray, f"__{_method}__", _comparison(_name))
for _method in ("bool", "float", "int", "le", "ge", "eq", "ne"):
    setattr(TracedArray, f"__{_method}__", _refusal("a decision on a number"))
