"""The result of an array program in plain floats: to tell operations apart, never as the truth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.program import ArrayProgram
from gradcheck.expression import Apply, Constant


def result_in_floats(
    program: ArrayProgram, arrays: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return the result of a program at some arrays, NaN where an operation has no value.

    >>> from gradcheck.arrays.notation import parse_program
    >>> result_in_floats(parse_program("norm(x)", {"x": (2,)}), [np.array([3.0, 4.0])]).item()
    5.0
    """
    numbers: list[float] = [x for array in arrays for x in array.ravel().tolist()]
    nodes, positions = program.elements
    for node in nodes[len(numbers) :]:
        match node:
            case Constant(value):
                numbers.append(float(value))
            case Apply(operation, operands):
                function = operation.in_floats
                try:
                    values = [numbers[i] for i in operands]
                    numbers.append(math.nan if function is None else function(*values))
                except (ArithmeticError, ValueError):
                    numbers.append(math.nan)
    return np.array(numbers, dtype=np.float64)[positions[-1]]
