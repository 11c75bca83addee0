"""Array programs and cases: what is computed on arrays, and at which numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.elements import Elements, Positions
from gradcheck.arrays.operations import ArrayOperation, Options, Shape
from gradcheck.expression import Case, Expression, Node
from gradcheck.operations import OPERATIONS
from gradcheck.precision import Precision

Numbers = tuple[float, ...]
"""The elements of an array in the order of NumPy, row after row."""


@dataclass(frozen=True, slots=True)
class ArrayInput:
    """A named input with its shape."""

    name: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class ArrayConstant:
    """An array that is part of the program. One of shape ``()`` is a plain number."""

    shape: Shape
    numbers: Numbers

    @property
    def array(self) -> NDArray[np.float64]:
        """The constant as an array of NumPy."""
        return as_array(self.shape, self.numbers)


@dataclass(frozen=True, slots=True)
class ArrayApply:
    """An operation on earlier nodes, given by their positions, with its options."""

    operation: ArrayOperation
    operands: tuple[int, ...]
    options: Options = ()


ArrayNode = ArrayInput | ArrayConstant | ArrayApply


@dataclass(frozen=True)  # no slots: cached_property keeps its results in __dict__
class ArrayProgram:
    """A sequence of nodes, each of which uses only earlier ones; the last one is the result.

    The inputs come first. Raises ``ValueError`` where shapes do not fit.

    >>> from gradcheck.arrays.operations import ARRAY_OPERATIONS
    >>> x = ArrayInput("x", (2, 3))
    >>> rows = ArrayProgram((x, ArrayApply(ARRAY_OPERATIONS["sum"], (0,), (("axis", 1),))))
    >>> rows.shape, rows.expression().size
    ((2,), 3)
    """

    nodes: tuple[ArrayNode, ...]

    def __post_init__(self) -> None:
        names = [x.name for x in self.inputs]
        if self.nodes[: len(names)] != self.inputs or len(set(names)) != len(names):
            message = "the inputs come first, each with a name of its own"
            raise ValueError(message)
        _ = self._elements  # raises for shapes that do not fit

    def __reduce__(self) -> tuple[type[ArrayProgram], tuple[tuple[ArrayNode, ...]]]:
        # Without the cached results, which another process can compute itself.
        return ArrayProgram, (self.nodes,)

    @cached_property
    def inputs(self) -> tuple[ArrayInput, ...]:
        """The inputs in order; input number i is node i."""
        return tuple(node for node in self.nodes if isinstance(node, ArrayInput))

    @cached_property
    def operations(self) -> frozenset[ArrayOperation]:
        """The operations that occur."""
        return frozenset(node.operation for node in self.nodes if isinstance(node, ArrayApply))

    @cached_property
    def size(self) -> int:
        """The number of operations."""
        return sum(isinstance(node, ArrayApply) for node in self.nodes)

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """The shape of each node."""
        return tuple(array.shape for array in self._elements[1])

    @property
    def shape(self) -> Shape:
        """The shape of the result."""
        return self.shapes[-1]

    @property
    def elements(self) -> tuple[Sequence[Node], Sequence[Positions]]:
        """The scalar nodes that all elements are, and for each array the positions of its own."""
        made, arrays = self._elements
        return made.nodes, arrays

    def expression(self, weights: Numbers | None = None) -> Expression:
        """Return the sum of the result's elements, or of each times its weight, as one expression.

        Its inputs are the elements of the arrays, in order. A result that is a number is the output
        itself, unless it has a weight.
        """
        made, arrays = self._elements
        elements = Elements()
        elements.nodes = list(made.nodes)
        result = arrays[-1]
        if weights is not None:
            factors = elements.constants(as_array(result.shape, weights))
            result = elements.elementwise(OPERATIONS["*"], result, factors)
        # An engine of arrays computes elements that the result does not need, and passes a zero
        # back through them: where their partial is infinite, 0 times it is NaN.
        unused = elements.unused(besides=result)
        zeros = [elements.apply(OPERATIONS["*"], elements.number(0.0), node) for node in unused]
        return elements.expression(elements.sum([*result.ravel().tolist(), *zeros]))

    @cached_property
    def _elements(self) -> tuple[Elements, list[Positions]]:
        elements = Elements()
        arrays: list[Positions] = []
        for node in self.nodes:
            arrays.append(self._made(node, elements, arrays))
        return elements, arrays

    def _made(self, node: ArrayNode, elements: Elements, arrays: list[Positions]) -> Positions:
        match node:
            case ArrayInput(name, shape):
                return elements.inputs(name, shape)
            case ArrayConstant():
                return elements.constants(node.array)
            case ArrayApply(operation, operands, options):
                return operation.result(elements, [arrays[i] for i in operands], options)


@dataclass(frozen=True, repr=False)  # no slots: cached_property keeps its results in __dict__
class ArrayCase:
    """An array program with the numbers of its inputs, and a weight for each element of the result.

    The gradient is that of the weighted sum, or that of the result itself where it is a single
    number and there are no weights. Raises ``ValueError`` for arrays with other numbers of elements
    than the program has, and for numbers that are not finite.
    """

    program: ArrayProgram
    values: tuple[Numbers, ...]
    weights: Numbers | None = None

    def __post_init__(self) -> None:
        for array, numbers in zip(self.program.inputs, self.values, strict=True):
            _require_numbers(array.name, array.shape, numbers)
        if self.weights is not None:
            _require_numbers("the weights", self.program.shape, self.weights)

    def __reduce__(self) -> tuple[type[ArrayCase], tuple[object, ...]]:
        # Without the cached results, which another process can compute itself.
        return ArrayCase, (self.program, self.values, self.weights)

    def __repr__(self) -> str:
        arrays = "".join(f", {name}={_as_text(array)}" for name, array in self.arrays.items())
        weights = "" if self.weights is None else f", weights={_as_text(self.seed)}"
        return f'array_case("{self.formula}"{weights}{arrays})'

    @property
    def formula(self) -> str:
        """The program as text."""
        from gradcheck.arrays.program_text import write_program  # noqa: PLC0415 - it imports this module

        return write_program(self.program)

    @property
    def operations(self) -> frozenset[ArrayOperation]:
        """The operations that occur."""
        return self.program.operations

    @property
    def expression(self) -> Expression:
        """The expression of the elements."""
        return self.elements.expression

    @property
    def point(self) -> tuple[float, ...]:
        """The numbers of all elements."""
        return self.elements.point

    @property
    def steps(self) -> tuple[()]:
        """There are no steps: one backward pass from the output."""
        return ()

    @cached_property
    def arrays(self) -> Mapping[str, NDArray[np.float64]]:
        """The inputs as arrays of NumPy, by name."""
        inputs = zip(self.program.inputs, self.values, strict=True)
        return {x.name: as_array(x.shape, numbers) for x, numbers in inputs}

    @property
    def numbers(self) -> Mapping[str, object]:
        """The inputs as nested lists, or single numbers, by name."""
        return {name: array.tolist() for name, array in self.arrays.items()}

    @property
    def seed(self) -> NDArray[np.float64]:
        """The weights as an array of the shape of the result, ones where there are none."""
        shape = self.program.shape
        return np.ones(shape) if self.weights is None else as_array(shape, self.weights)

    @cached_property
    def elements(self) -> Case:
        """The same as one expression of the elements."""
        point = tuple(number for numbers in self.values for number in numbers)
        return Case(self.program.expression(self.weights), point)

    def at(self, point: Sequence[float]) -> ArrayCase:
        """Return the case with other numbers, given as those of all elements."""
        values, start = [], 0
        for array in self.program.inputs:
            count = math.prod(array.shape)
            values.append(tuple(point[start : start + count]))
            start += count
        return replace(self, values=tuple(values))

    def rounded_to(self, precision: Precision) -> ArrayCase:
        """Return the case with its numbers rounded to a format, constants and weights too.

        Raises ``TooLargeError``.
        """
        if precision.holds_every_float:
            return self

        def nearest(numbers: Numbers) -> Numbers:
            return tuple(map(precision.nearest_in_range, numbers))

        nodes = tuple(
            replace(node, numbers=nearest(node.numbers))
            if isinstance(node, ArrayConstant)
            else node
            for node in self.program.nodes
        )
        weights = None if self.weights is None else nearest(self.weights)
        return ArrayCase(ArrayProgram(nodes), tuple(map(nearest, self.values)), weights)


def _as_text(array: NDArray[np.float64]) -> str:
    """Return an array as Python text, by its shape if it has no elements."""
    return repr(array.tolist()) if array.size else f"numpy.zeros({array.shape})"


def _require_numbers(what: str, shape: Shape, numbers: Numbers) -> None:
    if len(numbers) != math.prod(shape):
        message = f"{what} has {math.prod(shape)} elements, not {len(numbers)}"
        raise ValueError(message)
    if not all(map(math.isfinite, numbers)):
        message = f"{what} has a number that is not finite"
        raise ValueError(message)


def as_array(shape: Shape, numbers: Numbers) -> NDArray[np.float64]:
    """Return the numbers as an array of NumPy."""
    return np.array(numbers, dtype=np.float64).reshape(shape)
