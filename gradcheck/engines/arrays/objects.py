"""The tensors of a class that was found by looking."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from gradcheck.engines.arrays.discovery.reading import array_in
from gradcheck.engines.arrays.evaluation import WeightedResult


class Seed(Enum):
    """The form in which a backward pass takes the gradient of the output, if it takes one."""

    NONE = auto()
    ARRAY = auto()
    TENSOR = auto()
    SET_BEFORE = auto()
    """The caller sets the gradient of the output before the pass."""


@dataclass(frozen=True, slots=True)
class ObjectTensors:
    """How the tensors of a class are driven: the names of their value, gradient and backward pass.

    ``make`` makes a tensor, with ``requires_grad`` by that option. ``pass_back`` runs the backward
    pass from an output, and takes the gradient of the output if ``seed`` says so. The paths are
    Python code for the arrays, to be written after the name of a tensor.
    """

    make: Callable[..., object]
    value_name: str
    gradient_name: str
    pass_back: Callable[..., object]
    seed: Seed = Seed.NONE
    requires_grad: bool = False
    value_path: str = ""
    gradient_path: str = ""

    def settings(self) -> AbstractContextManager[object]:
        # An overflow needs no warning here: it is judged.
        block: AbstractContextManager[object] = np.errstate(all="ignore")
        return block

    def constant(self, array: NDArray[np.float64]) -> object:
        return self.new(array)

    def input(self, array: NDArray[np.float64]) -> object:
        return self.new(array)

    def new(self, array: NDArray[np.float64]) -> object:
        """Return a tensor with a copy of the array."""
        if self.requires_grad:
            return self.make(array.copy(), requires_grad=True)
        return self.make(array.copy())

    def backward(self, output: object) -> None:
        match output:
            case WeightedResult(result, weights):
                self._backward(result, weights)
            case _:
                self._backward(output, np.ones_like(self.value(output)))

    def _backward(self, output: object, weights: NDArray[np.float64]) -> None:
        match self.seed:
            case Seed.NONE:
                self.pass_back(output)
            case Seed.ARRAY:
                self.pass_back(output, weights)
            case Seed.TENSOR:
                self.pass_back(output, self.new(weights))
            case Seed.SET_BEFORE:
                setattr(output, self.gradient_name, weights)
                self.pass_back(output)

    def value(self, made: object) -> NDArray[np.float64]:
        if isinstance(made, WeightedResult):
            return np.sum(self.value(made.result) * made.weights, keepdims=True).reshape(())
        found = array_in(made, self.value_name)
        if found is None:
            message = f"{made!r:.40} has no .{self.value_name}"
            raise TypeError(message)
        return found

    def gradient(self, made: object) -> NDArray[np.float64] | None:
        found = getattr(made, self.gradient_name, None)
        if isinstance(found, type(made)):
            return array_in(found, self.value_name)
        return array_in(made, self.gradient_name)
