"""Drive engines of arrays: tensors that keep their gradients, and functions to differentiate."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.operations import Shape
from gradcheck.arrays.program import ArrayCase
from gradcheck.engines.arrays.evaluation import (
    ArrayFunctions,
    NumPyOperands,
    attempt,
    evaluate,
    weighted,
)
from gradcheck.engines.arrays.objects import ObjectTensors
from gradcheck.engines.arrays.protocol import ArrayRun
from gradcheck.engines.arrays.writing import ArrayCode, written_case
from gradcheck.engines.evaluation import SECONDS
from gradcheck.engines.faults import Fault
from gradcheck.precision import FLOAT64, Precision


class ArrayTensors(Protocol):
    """The abilities of a library with tensors. Errors that it raises are faults of the engine."""

    def settings(self) -> AbstractContextManager[object]:
        """Return the context in which the library is used, by default an empty one."""
        return nullcontext()

    def constant(self, array: NDArray[np.float64]) -> object:
        """Return a tensor that gets no gradient."""

    def input(self, array: NDArray[np.float64]) -> object:
        """Return a tensor that gets a gradient."""

    def backward(self, output: object) -> None:
        """Run the backward pass from a single number, if it depends on an input at all."""

    def value(self, made: object) -> NDArray[np.float64]:
        """Return the numbers that a tensor holds."""

    def gradient(self, made: object) -> NDArray[np.float64] | None:
        """Return the gradient that a tensor has kept, if any, in the shape that it has."""


@dataclass(frozen=True, slots=True, eq=False)
class TensorArrays:
    """Drive a library of tensors, or a class of them, with a function for each operation."""

    spec: str
    tensors: ArrayTensors
    functions: ArrayFunctions
    precision: Precision = FLOAT64
    missing_forms: frozenset[str] = frozenset()
    seconds: float = SECONDS
    numpy_operands: NumPyOperands = field(default_factory=dict)

    @property
    def array_operations(self) -> frozenset[str]:
        return frozenset(self.functions)

    def run(self, case: ArrayCase) -> ArrayRun:
        value: float | None = None
        wrong_shape: Shape | None = None

        def compute(nodes: list[object]) -> ArrayRun:
            nonlocal value, wrong_shape
            inputs, result = self._forward(case, nodes)
            wrong_shape = self._wrong_shape(result, case.program.shape)
            output = self._weighted(case, result)
            value = number(self.tensors.value(output))
            self.tensors.backward(output)
            asked = [array.shape for array in case.arrays.values()]
            gradients = tuple(map(self._gradient, inputs, asked))
            numbers = tuple(map(self.tensors.value, inputs))
            return ArrayRun(value, gradients, numbers, wrong_shape=wrong_shape)

        run = attempt(case, self.tensors.settings, compute, seconds=self.seconds)
        if isinstance(run, Fault):
            return ArrayRun(value, fault=run, wrong_shape=wrong_shape)
        return run

    def value(self, case: ArrayCase) -> float | Fault:
        def compute(nodes: list[object]) -> float:
            result = self._forward(case, nodes)[1]
            return number(self.tensors.value(self._weighted(case, result)))

        return attempt(case, self.tensors.settings, compute, seconds=self.seconds)

    def code(self, case: ArrayCase) -> ArrayCode | None:
        if not isinstance(self.tensors, ObjectTensors):
            return None
        return written_case(case, self.tensors, self.functions, self.spec, self.numpy_operands)

    def _gradient(self, made: object, asked: tuple[int, ...]) -> NDArray[np.float64] | None:
        """Return the gradient of an input, in the shape that was asked for if it is the engine's.

        An engine may have no arrays without an axis, and make one of each number. Another one may
        begin with the plain number 0, which then is no gradient yet.
        """
        gradient = self.tensors.gradient(made)
        if gradient is None or gradient.shape == asked:
            return gradient
        if gradient.shape == () and gradient == 0.0:
            return None
        is_own_shape = gradient.shape == self.tensors.value(made).shape
        same_size = gradient.size == math.prod(asked)
        return gradient.reshape(asked) if is_own_shape and same_size else gradient

    def _forward(self, case: ArrayCase, nodes: list[object]) -> tuple[Sequence[object], object]:
        inputs = [self.tensors.input(array) for array in case.arrays.values()]
        return inputs, evaluate(
            case.program,
            inputs,
            self.functions,
            self.tensors.constant,
            nodes,
            numpy_operands=self.numpy_operands,
        )

    def _weighted(self, case: ArrayCase, result: object) -> object:
        return weighted(case, result, self.functions, self.tensors.constant)

    def _wrong_shape(self, result: object, asked: Shape) -> Shape | None:
        """Return the shape of a result if it is not the one that was asked for.

        Many engines have sums of one element for a number, and some make a matrix of each array:
        these shapes are theirs, and right.
        """
        if not asked or not isinstance(self.tensors, ObjectTensors):
            return None
        with contextlib.suppress(Exception):  # what is no tensor has no shape to judge
            shape: Shape = self.tensors.value(result).shape
            if (
                shape != asked
                and self.tensors.value(self.tensors.new(np.zeros(asked))).shape == asked
            ):
                return shape
        return None


class ArrayTransform(Protocol):
    """The abilities of a library that differentiates functions of arrays."""

    def settings(self) -> AbstractContextManager[object]:
        """Return the context in which the library is used, by default an empty one."""
        return nullcontext()

    def array(self, array: NDArray[np.float64]) -> object:
        """Return an array of the library that does not depend on the inputs."""

    def value_and_gradient(
        self, function: Callable[..., object], arrays: Sequence[object]
    ) -> tuple[object, Sequence[object]]:
        """Return the function's value and its derivative with respect to each array."""


@dataclass(frozen=True, slots=True, eq=False)
class FunctionArrays:
    """Drive a library that differentiates functions, with its own function for each operation."""

    spec: str
    transform: ArrayTransform
    functions: ArrayFunctions
    precision: Precision = FLOAT64
    missing_forms: frozenset[str] = frozenset()
    seconds: float = SECONDS

    @property
    def array_operations(self) -> frozenset[str]:
        return frozenset(self.functions)

    def run(self, case: ArrayCase) -> ArrayRun:
        def compute(nodes: list[object]) -> ArrayRun:
            function, arrays = self._function(case, nodes)
            value, gradients = self.transform.value_and_gradient(function, arrays)
            return ArrayRun(number(value), (*map(_array, gradients),), (*map(_array, arrays),))

        run = attempt(case, self.transform.settings, compute, seconds=self.seconds)
        if not isinstance(run, Fault):
            return run
        value = self.value(case) if run.stage == "backward" else None
        return ArrayRun(value if isinstance(value, float) else None, fault=run)

    def value(self, case: ArrayCase) -> float | Fault:
        def compute(nodes: list[object]) -> float:
            function, arrays = self._function(case, nodes)
            return number(function(*arrays))

        return attempt(case, self.transform.settings, compute, seconds=self.seconds)

    def code(self, case: ArrayCase) -> None:
        return None

    def _function(
        self, case: ArrayCase, nodes: list[object]
    ) -> tuple[Callable[..., object], Sequence[object]]:
        constant = self.transform.array

        def function(*inputs: object) -> object:
            nodes.clear()
            result = evaluate(case.program, inputs, self.functions, constant, nodes)
            return weighted(case, result, self.functions, constant)

        return function, [constant(array) for array in case.arrays.values()]


def number(value: object) -> float:
    """Return the number in an array of one element. Raises ``ValueError`` for more of them."""
    array = np.asarray(value)
    if array.size != 1:
        message = f"the output has shape {array.shape}, not one number"
        raise ValueError(message)
    return float(array.reshape(()))


def _array(gradient: object) -> NDArray[np.float64]:
    return np.asarray(gradient, dtype=np.float64)
