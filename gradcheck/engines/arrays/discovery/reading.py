"""Read an array off an object of an engine, whatever stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from gradcheck.engines.discovery.attributes import attributes
from gradcheck.engines.experiment import outcome
from gradcheck.precision import FLOAT16, FLOAT32, FLOAT64, Precision

_VALUES = ("data", "value", "array", "values", "_data", "val", "numpy")
"""Names that authors give the attribute or the method for the value, the usual one first."""

_PROBE = np.array([[2.25, -1.25, 0.5], [4.0, 8.0, -0.75]])


def array_in(made: object, attribute: str) -> NDArray[np.float64] | None:
    """Return the numbers that an attribute holds, or a method returns; ``None`` for nothing.

    An attribute may be an object of the engine itself, whose numbers are read the same way. Raises
    ``TypeError`` for anything but numbers.
    """
    found = getattr(made, attribute, None)
    if callable(found) and not isinstance(found, np.ndarray):
        found = found()
    if found is None:
        return None
    if isinstance(found, type(made)) and not isinstance(found, np.ndarray):
        return array_in(found, attribute)
    array = np.asarray(_in_buffer(found))
    if array.dtype.kind not in "fiub":
        message = f".{attribute} holds {type(found).__name__} where numbers should be"
        raise TypeError(message)
    return np.array(array, dtype=np.float64)


def _in_buffer(found: object) -> object:
    """Return the array that an object of another class holds under a usual name, or the object."""
    if isinstance(found, np.ndarray | float | int):
        return found
    held = (getattr(found, name, None) for name in _VALUES)
    return next((array for array in held if isinstance(array, np.ndarray)), found)


def path_to(made: object, attribute: str) -> str:
    """Return the path to the numbers of ``array_in`` as Python code, such as ``.data.numpy()``."""
    found, path = getattr(made, attribute), f".{attribute}"
    if callable(found) and not isinstance(found, np.ndarray):
        found, path = found(), f"{path}()"
    if isinstance(found, type(made)) and not isinstance(found, np.ndarray):
        return path + path_to(found, attribute)
    if isinstance(found, np.ndarray | float | int):
        return path
    names = (name for name in _VALUES if isinstance(getattr(found, name, None), np.ndarray))
    name = next(names, None)
    return path if name is None else f"{path}.{name}"


def gradient_path(made: object, gradient: str, value: str) -> str:
    """Return the path to the numbers of a gradient, which may be an object of the engine."""
    found = getattr(made, gradient, None)
    if isinstance(found, type(made)) and not isinstance(found, np.ndarray):
        return f".{gradient}{path_to(found, value)}"
    return path_to(made, gradient)


def number_in(made: object, attribute: str) -> float:
    """Return the number in an array of one element. Raises ``TypeError`` or ``ValueError``."""
    array = array_in(made, attribute)
    if array is None:
        message = f"there is no .{attribute}"
        raise TypeError(message)
    return float(array.item())


def value_attribute(make: object) -> str | None:
    """Return the attribute that holds the array that an object was made from, if there is one."""
    assert callable(make)
    made = outcome(lambda: make(_PROBE.copy()))
    if made is None:
        return None
    for name in _candidates(made):
        found = outcome(lambda name=name: array_in(made, name))  # type: ignore[misc]
        if found is not None and found.shape == _PROBE.shape and np.array_equal(found, _PROBE):
            return name
    return None


def _candidates(made: object) -> Iterator[str]:
    """Yield the usual names, then others: a property that is read may be an operation and hang."""
    yield from _VALUES
    yield from outcome(lambda: [*attributes(made, usual=_VALUES)]) or ()


def precision_of(make: Callable[..., object], value: str) -> Precision:
    """Return the format to which the engine has rounded a number that needs many bits."""
    number = 0.1

    def kept() -> NDArray[np.float64] | None:
        return array_in(make(np.array([number])), value)

    found = outcome(kept)
    if found is not None:
        for precision in (FLOAT32, FLOAT16):
            if float(found.ravel()[0]) == precision.nearest(number):
                return precision
    return FLOAT64
