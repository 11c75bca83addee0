"""Find the operation at fault in a wrong array case, and say what it does wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.operations import ArrayOperation
from gradcheck.arrays.program import (
    ArrayApply,
    ArrayCase,
    ArrayConstant,
    ArrayInput,
    ArrayNode,
    ArrayProgram,
    Numbers,
)
from gradcheck.arrays.values import values_in_floats
from gradcheck.arrays.verdict import ArrayVerdict
from gradcheck.kind import Kind
from gradcheck.precision import FLOAT64

Judge = Callable[[ArrayCase], ArrayVerdict]

_WEIGHTS = (1.0, 2.0, -3.0, 5.0, 0.5, -7.0, 4.0, 11.0)
"""Weights that no two elements of a small result share, so that a mixed-up element shows."""


@dataclass(frozen=True, slots=True)
class ArrayBlame:
    """The operations at fault, and a sentence on what is wrong with the first of them.

    ``alone`` is true if the operation goes wrong in a program of its own. If not, the operations
    are those of the whole case.
    """

    operations: tuple[ArrayOperation, ...]
    alone: bool
    sentence: str
    fault: str

    @property
    def signature(self) -> str:
        """The cause and the operations as one word: two failures with the same are one bug."""
        names = "-and-".join(word(operation.name) for operation in self.operations)
        return f"{self.fault}-of-{names}" if names else self.fault


_WORDS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow"}


def word(name: str) -> str:
    """Return the name of an operation as it may stand in a file name."""
    return _WORDS.get(name, name)


def blame_for(verdict: ArrayVerdict, judge: Judge) -> ArrayBlame:
    """Return the first operation that goes wrong alone, or else all operations of the case."""
    for case in _alone(verdict.case):
        alone = judge(case)
        if alone.is_finding:
            [operation] = case.program.operations
            return ArrayBlame((operation,), True, sentence(alone), alone.kind.value)
    names = dict.fromkeys(
        node.operation for node in verdict.case.program.nodes if isinstance(node, ArrayApply)
    )
    return ArrayBlame(tuple(names), False, sentence(verdict), verdict.kind.value)


def _alone(case: ArrayCase) -> Iterator[ArrayCase]:
    """Yield each operation of a case alone, on inputs with the values that its operands have.

    An operation on the same array twice comes with one input as well as with two.
    """
    arrays = values_in_floats(case)
    for node in case.program.nodes:
        if isinstance(node, ArrayApply):
            yield _one_operation(case, node, arrays, shared=False)
            if len(set(node.operands)) < len(node.operands):
                yield _one_operation(case, node, arrays, shared=True)


def _one_operation(
    case: ArrayCase, node: ArrayApply, arrays: list[NDArray[np.float64]], *, shared: bool
) -> ArrayCase:
    inputs: list[ArrayNode] = []
    constants: list[ArrayConstant] = []
    numbers: list[Numbers] = []
    place_of: dict[int, int] = {}
    operands: list[tuple[bool, int]] = []
    for position in node.operands:
        made = case.program.nodes[position]
        if isinstance(made, ArrayConstant):
            operands.append((True, len(constants)))
            constants.append(made)
            continue
        if not (shared and position in place_of):
            place_of[position] = len(inputs)
            inputs.append(ArrayInput("xyzuvw"[len(inputs)], case.program.shapes[position]))
            numbers.append(tuple(arrays[position].ravel().tolist()))
        operands.append((False, place_of[position] if shared else len(inputs) - 1))
    positions = tuple(i + len(inputs) * is_constant for is_constant, i in operands)
    nodes = (*inputs, *constants, ArrayApply(node.operation, positions, node.options))
    program = ArrayProgram(nodes)
    count = int(np.prod(program.shape))
    weights = tuple(_WEIGHTS[i % len(_WEIGHTS)] for i in range(count))
    return ArrayCase(program, tuple(numbers), weights)


def sentence(verdict: ArrayVerdict) -> str:
    """Return what is wrong, as a teacher would say it."""
    if verdict.run.fault is not None:
        return f"the {verdict.run.fault.stage} pass {verdict.run.fault.sentence}"
    for name, shape in verdict.wrong_shapes.items():
        return _wrong_shape(verdict, name, shape)
    if verdict.kind is Kind.MISSING_GRADIENT:
        return "an operand gets no gradient"
    if verdict.kind in (Kind.WRONG_VALUE, Kind.IMPRECISE_VALUE):
        return "the value is wrong"
    for x, got in zip(verdict.case.program.inputs, verdict.run.gradients, strict=True):
        true = verdict.true_gradient(x.name)
        if got is not None and not np.array_equal(got, true):
            explained = next(_explanations(verdict, x, got, true), None)
            if explained is not None:
                return explained
    return "the gradient is wrong"


def _wrong_shape(verdict: ArrayVerdict, name: str, shape: tuple[int, ...]) -> str:
    expected = next(x.shape for x in verdict.case.program.inputs if x.name == name)
    said = f"the gradient of {name} has shape {shape}, and should be {expected}"
    extra = len(shape) - len(expected)
    axes = [
        axis
        for axis, size in enumerate(shape)
        if axis < extra or (expected[axis - extra] == 1 and size != 1)
    ]
    if extra < 0 or not axes or verdict.case.program.size > 1:
        return said
    which = "axis" if len(axes) == 1 else "axes"
    listed = " and ".join(map(str, axes))
    return f"{said}: the contributions of the broadcast {which} {listed} are not summed"


def _explanations(
    verdict: ArrayVerdict, x: ArrayInput, got: NDArray[np.float64], true: NDArray[np.float64]
) -> Iterator[str]:
    """Yield the sentences that explain a wrong gradient, each only where the numbers say so."""
    name = x.name
    if np.array_equal(got, -true):
        yield f"the gradient of {name} has the wrong sign"
    if np.any(true) and np.array_equal(got, 2.0 * true):
        yield f"the gradient of {name} is twice what it should be"
    if not np.any(got):
        yield f"the gradient of {name} is zero"
    if true.ndim == 2 and true.shape == got.T.shape and np.array_equal(got, true.T):
        yield f"the gradient of {name} is transposed"
    if true.size > 1 and _is_sum_of_all(got, true):
        yield f"each element of the gradient of {name} is the sum of all: a sum over too many axes"
    last = next(n for n in reversed(verdict.case.program.nodes) if isinstance(n, ArrayApply))
    if last.operation.name == "index":
        repeated = _repeated(dict(last.options)["index"])
        if repeated is not None:
            where = ", ".join(map(str, np.argwhere(got != true)[0].tolist()))
            yield (
                f"element [{where}] of the gradient of {name} is written over: "
                f"index {repeated} occurs twice, and its contributions have to be added"
            )


def _is_sum_of_all(got: NDArray[np.float64], true: NDArray[np.float64]) -> bool:
    """Tell whether every element is the sum of all true ones, each of them rounded.

    The rounded sum of n numbers is off by at most ``n*u`` times the sum of their sizes, to first
    order (Higham, section 4.2), and the numbers by about as much again.
    """
    bound = 4.0 * true.size * FLOAT64.unit_roundoff * float(np.abs(true).sum())
    return bool(np.all(np.abs(got - true.sum()) <= bound))


def _repeated(index: object) -> int | None:
    assert isinstance(index, tuple)
    for part in index:
        if isinstance(part, tuple) and not hasattr(part, "step"):
            for number in part:
                if part.count(number) > 1:
                    return int(number)
    return None
