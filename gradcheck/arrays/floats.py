"""The values of an array program in plain floats, never as the truth.

They tell operations apart, and serve blame, smaller cases and pictures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.program import ArrayProgram
from gradcheck.expression import Apply, Constant


def values_in_floats(
    program: ArrayProgram, arrays: Sequence[NDArray[np.float64]]
) -> list[NDArray[np.float64]]:
    """Return the value of each node at some inputs, NaN where an operation has no value.

    >>> from gradcheck.arrays.notation import parse_program
    >>> _, root = values_in_floats(parse_program("norm(x)", {"x": (2,)}), [np.array([3.0, 4.0])])
    >>> root.item()
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
    all_numbers = np.array(numbers, dtype=np.float64)
    return [all_numbers[array] for array in positions]
