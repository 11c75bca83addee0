"""Find the operators that take a NumPy array beside a tensor, and on which sides."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.operations import Shape
from gradcheck.engines.arrays.driving import TensorArrays
from gradcheck.engines.arrays.evaluation import NumPyOperands, WeightedResult, can_weigh
from gradcheck.engines.experiment import outcome_apart

_OPERATORS = ("+", "-", "*", "/")

_SIDES = ("left", "right")

_SHAPES: tuple[tuple[Shape, Shape], ...] = (
    *(((2,), (2,)), ((1,), (1,)), ((2, 2), (2, 2))),
    *(((2, 2), (2,)), ((2, 2), (2, 1)), ((2, 1, 2), (2, 1, 2))),
)
"""The shapes of a tensor and of an array beside it."""

_NUMBER = 0.1
"""A number that each format rounds to another one."""


def find_numpy_operands(engine: TensorArrays, class_: type) -> tuple[NumPyOperands, set[str]]:
    """Return the operands that may be NumPy arrays, and the forms that are missing.

    With an array on the left, NumPy makes an array of tensors unless the class tells it not to. A
    backward pass that raises means that the engine does not take NumPy arrays, even if the forward
    pass works. It may work by accident: an engine reads ``other.data``, which is a buffer. The
    experiments are made in a child process, as a tape would keep what has failed.
    """
    names = [name for name in _OPERATORS if name in engine.functions]
    taken = outcome_apart(partial(_taken, engine, class_, names)) or {}
    missing = {
        f"{name} with a NumPy array on the {side}"
        for name in names
        for index, side in enumerate(_SIDES)
        if index not in taken.get(name, ())
    }
    return taken, missing


def _taken(engine: TensorArrays, class_: type, names: Sequence[str]) -> dict[str, frozenset[int]]:
    return {
        name: frozenset(i for i in range(len(_SIDES)) if _takes(engine, class_, name, i))
        for name in names
    }


def _takes(engine: TensorArrays, class_: type, name: str, index: int) -> bool:
    with contextlib.suppress(Exception):
        return all(_works(engine, class_, name, index, *shapes) for shapes in _SHAPES)
    return False


def _works(
    engine: TensorArrays, class_: type, name: str, index: int, shape: Shape, of_array: Shape
) -> bool:
    """Tell whether an operation gives a tensor, and a gradient, in the format of the engine.

    An engine of float32 may compute in float64 once it meets an array of that format.
    """
    tensors, functions = engine.tensors, engine.functions
    x = tensors.input(np.full(shape, 0.5))
    operands: list[object] = [x, x]
    operands[index] = np.full(of_array, _NUMBER)
    made = functions[name](*operands)
    if not isinstance(made, class_):
        return False
    value, weights = tensors.value(made), np.ones(shape)
    is_summed = can_weigh(functions)
    tensors.backward(functions["sum"](made) if is_summed else WeightedResult(made, weights))
    gradient = tensors.gradient(x)
    return value.shape == shape and all(
        engine.precision.nearest(number) == number
        for array in (value, gradient)
        for number in _numbers(array)
    )


def _numbers(array: NDArray[np.float64] | None) -> list[float]:
    return [] if array is None else array.ravel().tolist()
