"""Random array programs, with numbers inside the domains of their operations."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gradcheck.arrays.elements import Elements, Positions
from gradcheck.arrays.forms import forms_of
from gradcheck.arrays.operations import (
    ARRAY_OPERATIONS,
    ArrayOperation,
    Options,
    Shape,
)
from gradcheck.arrays.program import (
    ArrayApply,
    ArrayCase,
    ArrayConstant,
    ArrayInput,
    ArrayNode,
    ArrayProgram,
    Numbers,
)
from gradcheck.expression import Apply, Constant
from gradcheck.generation.array_options import SIZES, draw_options
from gradcheck.generation.choices import Choices, RandomChoices
from gradcheck.generation.domain import value_inside
from gradcheck.generation.numbers import ordinary
from gradcheck.generation.points import PointGrammar
from gradcheck.precision import FLOAT64, Precision

_SIZE_ZERO_ONE_IN = 64
"""One program in 64 has axes without elements."""

_WINDOWED = {"conv1d": 1, "conv2d": 2, "max_pool": 2, "avg_pool": 2}
"""Operations on windows, with the number of axes of these."""

_WINDOWED_ONE_IN = 4
"""One program in four begins with inputs for such an operation, if the engine has one."""

_INPUT_NAMES = ("x", "y", "z")

_WEIGHTS = (1.0, 2.0, -1.0, 3.0, 0.5, -2.0, 10.0, 5.0)

_CANCELS = ("-", "/")

_EXPONENTS = (2.0, 3.0, -1.0, 0.5)

_PARAMETERS = {"**": _EXPONENTS, "leaky_relu": (0.01, 0.5), "elu": (1.0, 0.5), "clamp": (-1.0,)}

_NUMBERS = (2.0, -1.0, 0.5, 3.0)

_WEIGHT = {
    **dict.fromkeys(("+", "*", "sum", "index"), 8),
    **dict.fromkeys(("-", "/", "mean", "max", "transpose", "reshape", "tanh", "concatenate"), 4),
    **dict.fromkeys(("var", "norm", "mse", "where", "outer", "layer_norm"), 2),
    **dict.fromkeys(("cross_entropy", "batch_norm", "max_pool", "avg_pool"), 4),
    **dict.fromkeys(("conv1d", "conv2d"), 8),
    "matmul": 16,
}
"""The weight of an operation, where it is not 1. A matmul often does not fit."""

_MOST_NODES = 250
"""Scalar nodes of a program; an operation that would make more is left out."""

_LARGEST = 1e6
"""The size that numbers reach; with larger ones more cases are undecided."""

_MAGNITUDE = 3.0

_ORDINARY = 2**12
"""The count of ordinary numbers to choose from."""

_SPECIAL_ONE_IN = 8

_CONSTANT_ONE_IN = 4

_WEIGHT_ONE_IN = 4
"""One result in four that is a single number has a weight."""

_TRIES = 4
"""Operations that are tried in one step, until one fits."""


def draw_case(
    choices: Choices,
    operations: Iterable[str],
    *,
    missing_forms: frozenset[str] = frozenset(),
    max_ops: int = 6,
    precision: Precision = FLOAT64,
) -> ArrayCase:
    """Return a random array program with numbers for its inputs.

    It has only the given operations, and none of their missing forms. Outside of a domain are at
    most the operations of an input.
    """
    names = set(operations)
    rows = [
        row
        for name, row in ARRAY_OPERATIONS.items()
        if name in names
        for _ in range(_WEIGHT.get(name, 1))
    ]
    drawing = _Drawing(choices, rows, missing_forms, precision)
    for left in range(max_ops, 0, -1):
        if left < max_ops and choices.below(2 * left + 1) == 0:
            break
        drawing.step()
    return drawing.case()


def random_cases(
    operations: Iterable[str],
    *,
    missing_forms: frozenset[str] = frozenset(),
    max_ops: int = 6,
    precision: Precision = FLOAT64,
    seed: str,
) -> Iterator[ArrayCase]:
    """Yield random cases without end; the same arguments give the same cases."""
    choices = RandomChoices(random.Random(seed))  # noqa: S311 - to repeat a run, not to hide it
    names = tuple(operations)
    while True:
        yield draw_case(
            choices, names, missing_forms=missing_forms, max_ops=max_ops, precision=precision
        )


@dataclass(slots=True)
class _Drawing:
    """A program that is being drawn, with its elements and their values in floats."""

    choices: Choices
    rows: Sequence[ArrayOperation]
    missing_forms: frozenset[str]
    precision: Precision
    nodes: list[ArrayNode] = field(default_factory=list)
    arrays: list[Positions] = field(default_factory=list)
    elements: Elements = field(default_factory=Elements)
    values: list[float] = field(default_factory=list)
    numbers: list[Numbers] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name, shape in zip(_INPUT_NAMES, self._shapes(), strict=False):
            numbers = self._numbers(math.prod(shape))
            self.nodes.append(ArrayInput(name, shape))
            self.arrays.append(self.elements.inputs(name, shape))
            self.numbers.append(numbers)
            self.values += numbers

    def _shapes(self) -> Sequence[Shape]:
        """Return the shapes of the inputs, whose axes have one of few sizes, so that they fit."""
        windowed = [_WINDOWED[row.name] for row in self.rows if row.name in _WINDOWED]
        if windowed and self.choices.below(_WINDOWED_ONE_IN) == _WINDOWED_ONE_IN - 1:
            return self._shapes_of_images(self.choices.one_of(windowed))
        sizes = [self.choices.one_of(SIZES) for _ in range(2)]
        if self.choices.below(_SIZE_ZERO_ONE_IN) == _SIZE_ZERO_ONE_IN - 1:
            sizes[0] = 0
        shapes = []
        for _ in range(1 + self.choices.below(len(_INPUT_NAMES))):
            dimensions = self.choices.one_of((2, 1, 2, 1, 0, 3))
            shapes.append(
                tuple(self.choices.one_of((*sizes, *sizes, 1)) for _ in range(dimensions))
            )
        return shapes

    def _shapes_of_images(self, dimensions: int) -> Sequence[Shape]:
        """Return shapes of images, or of lines, with channels, and of a kernel for them."""
        examples, channels, results = (self.choices.one_of((1, 2)) for _ in range(3))
        size = self.choices.one_of((3, 4, 2))
        kernel = (1 + self.choices.below(min(size, 2)),) * dimensions
        return (examples, channels, *(size,) * dimensions), (results, channels, *kernel)

    def _numbers(self, count: int) -> Numbers:
        """Return numbers for an input: in one of eight also very small ones."""
        if self.choices.below(_SPECIAL_ONE_IN) == _SPECIAL_ONE_IN - 1:
            points = PointGrammar([], magnitude=_MAGNITUDE, precision=self.precision)
            drawn = points.draw(self.choices, count)
            return tuple(x if abs(x) <= _LARGEST else 1.0 for x in drawn)
        indices = [self.choices.below(_ORDINARY) for _ in range(count)]
        return tuple(ordinary(index, _MAGNITUDE) for index in indices)

    def step(self) -> None:
        """Apply an operation to arrays that there are, if one of several that are tried fits."""
        for _ in range(_TRIES):
            row = self.choices.one_of(self.rows)
            kept = self._kept()
            operands = self._operands(row)
            options = self._options(row, operands)
            if options is not None and self._apply(ArrayApply(row, operands, options)):
                return
            self._restore(kept)

    def case(self) -> ArrayCase:
        """Return the case of the last array, without what it does not need."""
        program = without_unused(self.nodes)
        used = {x.name for x in program.inputs}
        named = zip(_INPUT_NAMES, self.numbers, strict=False)
        numbers = tuple(numbers for name, numbers in named if name in used)
        count = math.prod(program.shape)
        is_number = program.shape == () and program.size > 0
        drawn = self.choices.below(_WEIGHT_ONE_IN) if is_number else 0
        if not count or (is_number and drawn != _WEIGHT_ONE_IN - 1):
            return ArrayCase(program, numbers)
        weights = tuple(self.choices.one_of(_WEIGHTS) for _ in range(count))
        return ArrayCase(program, numbers, weights)

    def _kept(self) -> tuple[int, int, int]:
        return len(self.nodes), len(self.elements.nodes), len(self.values)

    def _restore(self, kept: tuple[int, int, int]) -> None:
        nodes, elements, values = kept
        del self.nodes[nodes:], self.arrays[nodes:]
        del self.elements.nodes[elements:], self.values[values:]

    def _operands(self, row: ArrayOperation) -> tuple[int, ...]:
        """Return operands for an operation, the first most likely the last result."""
        variables = row.arity - row.elementwise_parameters
        operands = [self._any() for _ in range(variables)]
        # x - x and x/x have no digits.
        cancels = row.name in _CANCELS and operands[0] == operands[1]
        with_constant = cancels or self.choices.below(_CONSTANT_ONE_IN) == _CONSTANT_ONE_IN - 1
        if with_constant and row.elementwise is not None and variables > 1:
            operands[self.choices.below(variables)] = self._constant(operands[0])
        parameters = _PARAMETERS.get(row.name, (1.0,))
        # Those of clamp are its two bounds, the lower one first.
        drawn = (
            self._number(self.choices.one_of(parameters) + 2.0 * index)
            for index in range(row.elementwise_parameters)
        )
        return (*operands, *drawn)

    def _any(self) -> int:
        """Return a node that is no constant, the last one more likely than the others."""
        varying = [i for i, n in enumerate(self.nodes) if not isinstance(n, ArrayConstant)]
        if self.choices.below(2) == 0:
            return varying[-1]
        return varying[self.choices.below(len(varying))]

    def _constant(self, like: int) -> int:
        """Return a new constant: a plain number, or an array of the shape of a node."""
        shape = self.arrays[like].shape
        if self.choices.below(2) == 0 or not math.prod(shape) or not shape:
            return self._number(self.choices.one_of(_NUMBERS))
        numbers = tuple(self.choices.one_of(_NUMBERS) for _ in range(math.prod(shape)))
        return self._add(ArrayConstant(shape, numbers))

    def _number(self, number: float) -> int:
        return self._add(ArrayConstant((), (number,)))

    def _add(self, constant: ArrayConstant) -> int:
        self.nodes.append(constant)
        self.arrays.append(self.elements.constants(constant.array))
        self.values += constant.numbers
        return len(self.nodes) - 1

    def _options(self, row: ArrayOperation, operands: Sequence[int]) -> Options | None:
        if row.name == "mse" and operands[0] == operands[1]:
            return None
        shape = self.arrays[operands[0]].shape
        return draw_options(row.name, self.choices, shape)

    def _apply(self, node: ArrayApply) -> bool:
        """Add an operation, and tell whether it fits, is inside its domain and is small enough."""
        shapes = [array.shape for array in self.arrays]
        if not self.missing_forms.isdisjoint(forms_of(node, self.nodes, shapes)):
            return False
        operands = [self.arrays[i] for i in node.operands]
        try:
            made = node.operation.result(self.elements, operands, node.options)
        except ValueError:
            return False
        if len(self.elements.nodes) > _MOST_NODES or not self._evaluate():
            return False
        self.nodes.append(node)
        self.arrays.append(made)
        return True

    def _evaluate(self) -> bool:
        """Compute the values of new elements, and tell whether all are of ordinary size."""
        for node in self.elements.nodes[len(self.values) :]:
            match node:
                case Constant(value):
                    self.values.append(float(value))
                case Apply(operation, operands):
                    function = value_inside(operation, self.precision)
                    value = function(*(self.values[i] for i in operands))
                    if not abs(value) <= _LARGEST:
                        return False
                    self.values.append(value)
        return True


def without_unused(nodes: Sequence[ArrayNode]) -> ArrayProgram:
    """Return the program without the nodes that the last one does not need, unused inputs too."""
    needed = [False] * len(nodes)
    needed[-1] = True
    for position in range(len(nodes) - 1, -1, -1):
        node = nodes[position]
        if needed[position] and isinstance(node, ArrayApply):
            for operand in node.operands:
                needed[operand] = True
    positions = [position for position, is_needed in enumerate(needed) if is_needed]
    moved = {position: place for place, position in enumerate(positions)}
    return ArrayProgram(tuple(with_moved_operands(nodes[i], moved) for i in positions))


def with_moved_operands(node: ArrayNode, moved: Mapping[int, int]) -> ArrayNode:
    """Return a node whose operands are at other positions, where ``moved`` has them."""
    if not isinstance(node, ArrayApply):
        return node
    return replace(node, operands=tuple(moved.get(i, i) for i in node.operands))
