"""Python code for the tensors of a class: how one is made, and how a backward pass is run."""

from __future__ import annotations

import ast
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.operations import Shape
from gradcheck.engines.arrays.code_objects import (
    Names,
    NotWritableError,
    Written,
    call_tree,
    name_tree,
    tree_of,
)
from gradcheck.engines.arrays.evaluation import ArrayFunctions
from gradcheck.engines.arrays.objects import ObjectTensors, Seed
from gradcheck.engines.options import split_spec


class TensorWriter:
    """Writer of Python code for the tensors of the class that a spec names."""

    def __init__(self, tensors: ObjectTensors, functions: ArrayFunctions, spec: str) -> None:
        self._tensors = tensors
        class_ = split_spec(spec)[0].rpartition(":")[2]
        self._names = Names(class_, tensors.value_name, tensors.value_path, used={})
        self.functions = {name: self._writing(f) for name, f in functions.items()}
        self._pass_back = self._writing(tensors.pass_back)

    @property
    def imported(self) -> tuple[str, ...]:
        """The functions that the code written so far uses, besides the class."""
        return tuple(name for name in self._names.used if name != self._names.class_)

    @property
    def taken(self) -> set[str]:
        """The names of the class and of the functions that the code written so far uses."""
        functions = (name.rpartition(":")[2].partition(".")[0] for name in self._names.used)
        return {self._names.class_, *functions}

    def function(self, name: str) -> Callable[..., Written]:
        """Return a function of the engine that returns code. Raises ``NotWritableError``."""
        if name not in self.functions:
            message = f"the engine has no {name}"
            raise NotWritableError(message)
        return self.functions[name]

    def _writing(self, function: Callable[..., object]) -> Callable[..., Written]:
        """Return a function of the engine that returns code, or raises ``NotWritableError``."""

        def write(*operands: object, **options: object) -> Written:
            try:
                return self.written(tree_of(function(*operands, **options)))
            except Exception as error:  # an object without numbers may be refused in any way
                raise NotWritableError(str(error)) from error

        return write

    def written(self, tree: ast.expr, shape: Shape | None = None) -> Written:
        """Return the object that some code stands for."""
        return Written(tree, self._names, shape)

    def new(self, array: NDArray[np.float64]) -> Written:
        """Return a new tensor of an array."""
        return self._new_of(array, array.shape)

    def _new_of(self, array: object, shape: Shape | None = None) -> Written:
        options = {"requires_grad": True} if self._tensors.requires_grad else {}
        return self.written(call_tree(name_tree(self._names.class_), [array], options), shape)

    def backward(self, output: str, gradient: str) -> list[str]:
        """Return the statements of a backward pass, which may take the gradient of the output."""
        out = self.written(name_tree(output))
        seed = self.written(ast.parse(gradient, mode="eval").body)
        match self._tensors.seed:
            case Seed.NONE:
                return [code_of(self._pass_back(out))]
            case Seed.ARRAY:
                return [code_of(self._pass_back(out, seed))]
            case Seed.TENSOR:
                return [code_of(self._pass_back(out, self._new_of(seed)))]
            case Seed.SET_BEFORE:
                place = f"{output}.{self._tensors.gradient_name}"
                return [assignment(place, seed), code_of(self._pass_back(out))]


def code_of(value: object) -> str:
    """Return a written object, or a plain value, as text. Raises ``NotWritableError``."""
    try:
        return ast.unparse(tree_of(value))
    except RecursionError as error:
        message = "Python cannot write down so long a chain of operations"
        raise NotWritableError(message) from error


def assignment(name: str, value: object) -> str:
    """Return a statement that gives a value a name."""
    return f"{name} = {code_of(value)}"
