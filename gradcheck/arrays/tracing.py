"""Trace a Python function of arrays: record what it does to them as an array program."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from gradcheck.arrays.program import ArrayCase
from gradcheck.arrays.traced_array import Arrays, Tape, TracedArray
from gradcheck.traced_number import TraceError


def trace_arrays(function: Callable[..., object], arrays: Arrays) -> ArrayCase:
    """Return the case of a function at some arrays, which are passed by name.

    The function is called once, with objects that record the operations on them: Python's
    operators, methods such as ``x.sum(axis=0)``, and NumPy's own functions. Loops and branches on
    shapes are run as they are. Raises ``TraceError`` for what no program can hold, such as a branch
    on a number.

    >>> import numpy as np
    >>> trace_arrays(lambda x, w: (x @ w).sum(axis=0), {"x": np.ones((1, 2)), "w": np.ones((2, 1))})
    array_case("sum(x @ w, axis=0)", x=[[1.0, 1.0]], w=[[1.0], [1.0]])
    """
    tape = Tape(arrays)
    try:
        inspect.signature(function).bind(**dict.fromkeys(arrays))
    except TypeError as error:
        message = f"the function does not take {', '.join(arrays)}: {error}"
        raise TraceError(message) from None
    except ValueError:  # some functions written in C have no signature
        pass
    returned = function(**tape.inputs())
    if not isinstance(returned, TracedArray):
        message = (
            f"the function returns a {type(returned).__name__}, not an array made of its inputs"
        )
        raise TraceError(message)
    program = tape.program(returned)
    values = tuple(tuple(array.ravel().tolist()) for array in arrays.values())
    return ArrayCase(program, values)
