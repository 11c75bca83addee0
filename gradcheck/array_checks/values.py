"""The values of an array case in plain floats: for blame and for pictures, never the truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.program import ArrayCase
from gradcheck.expression import Apply, Constant
from gradcheck.oracles.floats import in_floats
from gradcheck.precision import FLOAT64


def values_in_floats(case: ArrayCase) -> list[NDArray[np.float64]]:
    """Return the value of each node of the program, NaN where there is none."""
    numbers: list[float] = [x for array in case.values for x in array]
    nodes, arrays = case.program.elements
    for node in nodes[len(numbers) :]:
        match node:
            case Constant(value):
                numbers.append(float(value))
            case Apply(operation, operands):
                function = in_floats(operation, FLOAT64)
                values = [numbers[i] for i in operands]
                numbers.append(float("nan") if function is None else function(*values))
    all_numbers = np.array(numbers, dtype=np.float64)
    return [all_numbers[array] for array in arrays]
