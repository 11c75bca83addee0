"""Evaluate an array program with the functions of an engine, within a time limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.program import ArrayApply, ArrayCase, ArrayConstant, ArrayInput, ArrayProgram
from gradcheck.engines.evaluation import limit_for
from gradcheck.engines.faults import Fault, fault_of
from gradcheck.engines.second_try import with_second_try

ArrayFunctions = Mapping[str, Callable[..., object]]
"""The engine's function for each array operation, by name; options are keywords as in NumPy."""

Convert = Callable[[NDArray[np.float64]], object]
"""A function that makes an array of the engine, which gets no gradient."""

NumPyOperands = Mapping[str, frozenset[int]]
"""For each operation, by name, the indices of the operands that it takes as NumPy arrays."""

T = TypeVar("T")


def evaluate(
    program: ArrayProgram,
    inputs: Sequence[object],
    functions: ArrayFunctions,
    constant: Convert,
    nodes: list[object],
    *,
    numpy_operands: NumPyOperands = MappingProxyType({}),
) -> object:
    """Return the result of a program, and append the object for each node to ``nodes``.

    Constants of shape ``()`` are plain numbers. Others are arrays of the engine, or NumPy arrays
    where ``numpy_arrays`` says so.
    """
    for position, node in enumerate(program.nodes):
        match node:
            case ArrayInput():
                nodes.append(inputs[position])
            case ArrayConstant(shape, numbers):
                nodes.append(constant(node.array) if shape else numbers[0])
            case ArrayApply(operation, operands, options):
                given = [nodes[i] for i in operands]
                for index, array in numpy_arrays(program, position, numpy_operands):
                    given[index] = array
                nodes.append(functions[operation.name](*given, **dict(options)))
    return nodes[-1]


def numpy_arrays(
    program: ArrayProgram, position: int, numpy_operands: NumPyOperands
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield the operands of an operation that are NumPy arrays: their indices, and the arrays.

    They are constants beside a tensor that has the result's shape. Beside a constant, NumPy itself
    would compute the result. Beside a tensor with fewer elements, an engine that takes arrays as it
    takes numbers would not sum the gradient.
    """
    node = program.nodes[position]
    assert isinstance(node, ArrayApply)
    for index in numpy_operands.get(node.operation.name, ()):
        constant, other = program.nodes[node.operands[index]], node.operands[1 - index]
        if (
            isinstance(constant, ArrayConstant)
            and constant.shape
            and not isinstance(program.nodes[other], ArrayConstant)
            and program.shapes[other] == program.shapes[position]
        ):
            yield index, constant.array


@dataclass(frozen=True, slots=True)
class WeightedResult:
    """A result of an engine that has no sum: its backward pass gets the weights."""

    result: object
    weights: NDArray[np.float64]


def can_weigh(functions: ArrayFunctions) -> bool:
    """Tell whether an engine has what a weighted sum needs."""
    return {"sum", "*"} <= functions.keys()


def weighted(
    case: ArrayCase, result: object, functions: ArrayFunctions, constant: Convert
) -> object:
    """Return the single number whose gradient is asked for: the weighted sum of a result."""
    is_number = case.weights is None and case.program.shape == ()
    if not is_number and not can_weigh(functions):
        return WeightedResult(result, case.seed)
    if case.weights is not None:
        result = functions["*"](result, constant(case.seed))
    return result if case.program.shape == () else functions["sum"](result)


def attempt(
    case: ArrayCase,
    settings: Callable[[], AbstractContextManager[object]],
    compute: Callable[[list[object]], T],
    *,
    seconds: float,
) -> T | Fault:
    """Return the result of ``compute``, or the fault that stopped it.

    ``compute`` gets the list to which it appends the nodes. A fault after the last node belongs to
    the backward pass. A case that takes longer than ``seconds``, plus a hundredth of one for each
    element, is tried a second time.
    """
    return with_second_try(lambda: _attempt(case, settings, compute, seconds))


def _attempt(
    case: ArrayCase,
    settings: Callable[[], AbstractContextManager[object]],
    compute: Callable[[list[object]], T],
    seconds: float,
) -> T | Fault:
    nodes: list[object] = []
    try:
        with limit_for(len(case.program.elements[0]), seconds), settings():
            return compute(nodes)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever an engine raises is data
        if len(nodes) < len(case.program.nodes):
            return fault_of(error, stage="forward", position=len(nodes))
        return fault_of(error, stage="backward", position=None)
