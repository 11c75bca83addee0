"""The tensors of a class that was found by looking."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradcheck.engines.arrays.discovery.reading import array_in


@dataclass(frozen=True, slots=True)
class ObjectTensors:
    """How the tensors of a class are driven: the names of their value, gradient and backward pass.

    ``make`` makes a tensor that gets a gradient. ``seeded`` says that the backward pass wants the
    gradient of the output, an array of ones.
    """

    make: Callable[..., object]
    value_name: str
    gradient_name: str
    backward_name: str
    seeded: bool = False

    def settings(self) -> AbstractContextManager[object]:
        # An overflow needs no warning here: it is judged.
        block: AbstractContextManager[object] = np.errstate(all="ignore")
        return block

    def constant(self, array: NDArray[np.float64]) -> object:
        return self.make(array.copy())

    def input(self, array: NDArray[np.float64]) -> object:
        return self.make(array.copy())

    def backward(self, output: object) -> None:
        method = getattr(output, self.backward_name)
        if self.seeded:
            method(np.ones_like(self.value(output)))
        else:
            method()

    def value(self, made: object) -> NDArray[np.float64]:
        found = array_in(made, self.value_name)
        if found is None:
            message = f"{made!r:.40} has no .{self.value_name}"
            raise TypeError(message)
        return found

    def gradient(self, made: object) -> NDArray[np.float64] | None:
        found = getattr(made, self.gradient_name, None)
        if isinstance(found, type(made)) and not isinstance(found, np.ndarray):
            return array_in(found, self.value_name)
        return array_in(made, self.gradient_name)
