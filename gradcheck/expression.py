"""Expressions, points, steps and cases: what is computed, and at which numbers."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from gradcheck.operations import Operation


@dataclass(frozen=True, slots=True)
class Input:
    """A named input of an expression."""

    name: str


LARGEST_INT = 2**53
"""Every ``int`` up to this size is a float too."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A number that is part of the expression; an engine gets it as it is, a float or an ``int``.

    2 and 2.0 are different constants, and so are zero and minus zero, as an engine may tell them
    apart. An ``int`` is one that a float holds exactly: at most ``LARGEST_INT`` in size.
    """

    value: float

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Constant) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[float, float, bool]:
        return self.value, math.copysign(1.0, self.value), isinstance(self.value, int)


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation on earlier nodes, given by their positions."""

    operation: Operation
    operands: tuple[int, ...]


Node = Input | Constant | Apply


class _Printer(Protocol):
    """The printer that Hypothesis and IPython show an object with."""

    def text(self, text: str, /) -> None:
        """Print a text."""


class _Pasteable:
    """An object that Hypothesis and IPython print by its ``repr``, not field by field."""

    __slots__ = ()

    def _repr_pretty_(self, printer: _Printer, cycle: bool) -> None:  # noqa: FBT001 - as called
        printer.text(repr(self))


@dataclass(frozen=True, repr=False)
class Expression(_Pasteable):
    """A straight-line program: a sequence of nodes, each of which uses only earlier ones.

    The inputs come first. ``output`` is the position of the result, by default the last node. A
    node may be used any number of times. Raises ``ValueError`` for anything else.

    >>> from gradcheck.operations import OPERATIONS
    >>> square = Expression((Input("a"), Apply(OPERATIONS["*"], (0, 0))))
    >>> square, square.inputs, square.size, square.output
    (parse("a*a"), ('a',), 1, 1)
    """

    nodes: tuple[Node, ...]
    output: int = -1

    def __post_init__(self) -> None:
        if self.output == -1:
            object.__setattr__(self, "output", len(self.nodes) - 1)
        if not 0 <= self.output < len(self.nodes):
            message = f"the output is node {self.output}, but there are {len(self.nodes)} nodes"
            raise ValueError(message)
        names = self.inputs
        if len(set(names)) != len(names):
            message = f"two inputs share a name: {', '.join(names)}"
            raise ValueError(message)
        for position, node in enumerate(self.nodes):
            _check_node(position, node, number_of_inputs=len(names))
            if isinstance(node, Apply) and len(self.parameters(node)) < node.operation.parameters:
                message = f"the last operand of {node.operation.name} has to be a constant"
                raise ValueError(message)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        from gradcheck.formula import write  # noqa: PLC0415 - it imports this module

        text = write(self)
        names = (name for name in re.findall(r"(?<!\w)[^\W\d]\w*", text) if name in self.inputs)
        if tuple(dict.fromkeys(names)) == self.inputs:
            return f'parse("{text}")'
        inputs = ", ".join(f'"{name}"' for name in self.inputs)
        return f'parse("{text}", inputs=[{inputs}])'

    def __reduce__(self) -> tuple[type[Expression], tuple[tuple[Node, ...], int]]:
        # Without the cached results, as a hash differs from process to process.
        return Expression, (self.nodes, self.output)

    @cached_property
    def _hash(self) -> int:
        # Expressions are keys of many caches, so the hash is computed once.
        return hash((self.nodes, self.output))

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs, in order; input number i is node i."""
        return tuple(node.name for node in self.nodes if isinstance(node, Input))

    @cached_property
    def constants(self) -> Mapping[int, float]:
        """The value of each constant by its position, in order, as a float."""
        nodes = enumerate(self.nodes)
        return {i: float(node.value) for i, node in nodes if isinstance(node, Constant)}

    @cached_property
    def varies(self) -> tuple[bool, ...]:
        """For each node, whether it is no constant, so that an engine makes an object for it."""
        return tuple(not isinstance(node, Constant) for node in self.nodes)

    @cached_property
    def size(self) -> int:
        """The number of operations."""
        return sum(isinstance(node, Apply) for node in self.nodes)

    @cached_property
    def operations(self) -> frozenset[Operation]:
        """The operations that occur."""
        return frozenset(node.operation for node in self.nodes if isinstance(node, Apply))

    def parameters(self, node: Apply) -> tuple[float, ...]:
        """Return the values of a node's last operands, which have to be constants, as floats."""
        count = node.operation.parameters
        if not count:
            return ()
        constants = (self.nodes[i] for i in node.operands[-count:])
        return tuple(float(node.value) for node in constants if isinstance(node, Constant))

    @cached_property
    def formula_size(self) -> int:
        """The number of operations in the formula if every shared node is written out each time.

        It can grow exponentially with ``size``, and is counted up to ``sys.maxsize``.
        """
        sizes: list[int] = []
        for node in self.nodes:
            operands = node.operands if isinstance(node, Apply) else ()
            size = sum(sizes[operand] for operand in operands) + bool(operands)
            sizes.append(min(size, sys.maxsize))
        return sizes[self.output]

    @cached_property
    def depth(self) -> int:
        """The largest number of operations on a path from an input to the output."""
        depths: list[int] = []
        for node in self.nodes:
            operands = node.operands if isinstance(node, Apply) else ()
            depths.append(1 + max(depths[i] for i in operands) if operands else 0)
        return depths[self.output]

    @cached_property
    def used(self) -> tuple[bool, ...]:
        """For each node, whether the output depends on it."""
        return self._reached(by_comparisons=True)

    @cached_property
    def gets_gradient(self) -> tuple[bool, ...]:
        """For each node, whether the output depends on it other than by a comparison.

        A number that is only compared, as in ``where(c > d, a, b)``, has the derivative 0 away from
        a tie, and libraries record nothing for it.
        """
        return self._reached(by_comparisons=False)

    def _reached(self, *, by_comparisons: bool) -> tuple[bool, ...]:
        """Tell for each node whether there is a path from it to the output."""
        found = [False] * len(self.nodes)
        found[self.output] = True
        for position in range(self.output, -1, -1):
            node = self.nodes[position]
            if found[position] and isinstance(node, Apply):
                skipped = 2 if node.operation.compares and not by_comparisons else 0
                for operand in node.operands[skipped:]:
                    found[operand] = True
        return tuple(found)

    def pruned(self) -> Expression:
        """Return the expression without operations and constants that the output does not need."""
        kept: list[Node] = []
        position_of: dict[int, int] = {}
        for position, node in enumerate(self.nodes):
            if isinstance(node, Input) or self.used[position]:
                position_of[position] = len(kept)
                match node:
                    case Apply(operation, operands):
                        kept.append(Apply(operation, tuple(position_of[i] for i in operands)))
                    case _:
                        kept.append(node)
        return Expression(tuple(kept), output=position_of[self.output])


def _check_node(position: int, node: Node, *, number_of_inputs: int) -> None:
    match node:
        case Apply(operation, operands):  # first, as most nodes are operations
            if len(operands) != operation.arity:
                message = f"{operation.name} takes {operation.arity} operands, got {len(operands)}"
                raise ValueError(message)
            if not all(0 <= operand < position for operand in operands):
                message = f"node {position} uses {operands}; a node uses only earlier ones"
                raise ValueError(message)
        case Input() if position >= number_of_inputs:
            message = f"input {node.name!r} is node {position}; inputs come first"
            raise ValueError(message)
        case Constant(int() as value) if abs(value) > LARGEST_INT:
            message = f"constant {value} is not exactly a float; write it as one"
            raise ValueError(message)
        case Constant(value) if not math.isfinite(value):
            message = f"constant {value} is not a finite number"
            raise ValueError(message)


class Reset(StrEnum):
    """The objects that ``zero_grad`` is called on."""

    OUTPUT = "output"
    INPUTS = "inputs"

    def __repr__(self) -> str:
        return f"Reset.{self.name}"


@dataclass(frozen=True, slots=True)
class Build:
    """Evaluate another expression over the same inputs; later steps act on its graph."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Backward:
    """Call ``backward()`` of a node of the graph, which is an input or an operation."""

    position: int


@dataclass(frozen=True, slots=True)
class ZeroGrad:
    """Call the engine's own ``zero_grad``."""

    on: Reset


@dataclass(frozen=True, slots=True)
class Repeat:
    """Repeat all steps on new inputs, ``times`` times in all; this is the last step."""

    times: int


Step = Build | Backward | ZeroGrad | Repeat

_MAX_STEPS = 100

_MAX_TIMES = 1000


@dataclass(frozen=True, slots=True, repr=False)
class Case(_Pasteable):
    """An expression at a point: one finite float per input, in the order of ``inputs``.

    ``steps`` are done after the expression is evaluated. No steps mean one backward pass from the
    output. A case prints as ``case("a*b", a=2.0, b=-3.0)``, which can be pasted. Raises
    ``ValueError`` for a point of the wrong length or with a number that is not finite, and for
    steps that cannot be done.

    >>> from gradcheck import parse
    >>> Case(parse("a*a"), (3.0,), (Backward(1), Backward(1))).steps
    (Backward(position=1), Backward(position=1))
    """

    expression: Expression
    point: tuple[float, ...]
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        names = self.expression.inputs
        if len(self.point) != len(names):
            message = f"{len(names)} inputs ({', '.join(names)}) but {len(self.point)} numbers"
            raise ValueError(message)
        if not all(map(math.isfinite, self.point)):
            name, number = next(
                (name, x) for name, x in self.numbers.items() if not math.isfinite(x)
            )
            message = f"input {name} is {number}, not a finite number"
            raise ValueError(message)
        if self.steps:
            _check_steps(self.expression, self.steps)

    def __repr__(self) -> str:
        steps = "".join(f", {step!r}" for step in self.steps)
        numbers = "".join(f", {name}={number!r}" for name, number in self.numbers.items())
        return f'case("{self.formula}"{steps}{numbers})'

    @property
    def formula(self) -> str:
        """The expression as text."""
        from gradcheck.formula import write  # noqa: PLC0415 - it imports this module

        return write(self.expression)

    @property
    def numbers(self) -> Mapping[str, float]:
        """The point by name."""
        return dict(zip(self.expression.inputs, self.point, strict=True))

    @property
    def operations(self) -> frozenset[Operation]:
        """The operations that occur, also in the graphs that the steps build."""
        built = (step.expression.operations for step in self.steps if isinstance(step, Build))
        return self.expression.operations.union(*built)


def _check_steps(graph: Expression, steps: tuple[Step, ...]) -> None:
    if len(steps) > _MAX_STEPS:
        message = f"there are {len(steps)} steps; the limit is {_MAX_STEPS}"
        raise ValueError(message)
    inputs, last = graph.inputs, len(steps) - 1
    for number, step in enumerate(steps):
        match step:
            case Build(expression):
                graph = expression
                is_possible = expression.inputs == inputs
            case Backward(position):
                nodes = graph.nodes
                in_graph = 0 <= position < len(nodes)
                is_possible = in_graph and not isinstance(nodes[position], Constant)
            case ZeroGrad():
                is_possible = True
            case Repeat(times):
                is_possible = number == last and 1 < times <= _MAX_TIMES
        if not is_possible:
            message = f"step {number} cannot be done: {step!r:.80}"
            raise ValueError(message)
