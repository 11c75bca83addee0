"""Write down in Python how an engine of arrays computes a case, as a person would write it.

The engine's functions are called with objects that write down what is done with them; see
``code_objects.py``.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.operations import Shape
from gradcheck.arrays.program import ArrayApply, ArrayCase, ArrayConstant, ArrayInput
from gradcheck.engines.arrays.code_objects import NotWritableError, Written, name_tree, tree_of
from gradcheck.engines.arrays.evaluation import (
    ArrayFunctions,
    NumPyOperands,
    WeightedResult,
    numpy_arrays,
    weighted,
)
from gradcheck.engines.arrays.objects import ObjectTensors
from gradcheck.engines.arrays.tensor_writer import TensorWriter, assignment, code_of
from gradcheck.engines.experiment import outcome
from gradcheck.notation import usable_names

OUTPUT = "out"


@dataclass(frozen=True, slots=True)
class ArrayCode:
    """A case as statements in Python, which use ``np``, the class, and the ``functions``.

    ``passes`` are the statements: they make the inputs, compute ``out`` and run the backward pass.
    ``result`` is the place of the program's result, before it becomes one number, and ``value``
    that of the output's number. ``inputs`` and ``gradients`` have those of the numbers and of the
    gradient of each input.
    """

    functions: tuple[str, ...]
    passes: tuple[str, ...]
    result: str
    value: str
    inputs: tuple[str, ...]
    gradients: tuple[str, ...]


def written_case(
    case: ArrayCase,
    tensors: ObjectTensors,
    functions: ArrayFunctions,
    spec: str,
    numpy_operands: NumPyOperands,
) -> ArrayCode | None:
    """Return a case in Python for the tensors of a class, ``None`` if it cannot be written down.

    That is so where the function for an operation looks at the numbers of its operands, for an
    operation that the engine lacks, and for a chain that is too long for ``ast.unparse``.
    """
    writer = TensorWriter(tensors, functions, spec)
    statements = _Statements(case, tensors, writer, numpy_operands)
    try:
        code = statements.code()
        if writer.taken.isdisjoint(statements.inputs):
            return code
        # An input has the name of a function that the code turned out to use.
        return _Statements(case, tensors, writer, numpy_operands).code()
    except NotWritableError:
        return None


class _Statements:
    """The statements for one case."""

    def __init__(
        self,
        case: ArrayCase,
        tensors: ObjectTensors,
        writer: TensorWriter,
        numpy_operands: NumPyOperands,
    ) -> None:
        self.case, self.tensors, self.writer = case, tensors, writer
        self.numpy_operands = numpy_operands
        self.inputs = usable_names([x.name for x in case.program.inputs], taken=writer.taken)
        self.passes: list[str] = []

    def code(self) -> ArrayCode:
        """Return all statements."""
        for name, array in zip(self.inputs, self.case.arrays.values(), strict=True):
            self._assign(name, self.writer.new(array))
        held = f"{OUTPUT}{self.tensors.value_path}"
        made = self._result()
        place = f"({code_of(made)}){self.tensors.value_path}"
        match weighted(self.case, made, self._functions(), self.writer.new):
            case WeightedResult(result, weights):
                gradient = code_of(weights)
                value = f"np.sum({held} * {gradient})"
            case result:
                gradient, value = f"np.ones_like({held})", held
        self._assign(OUTPUT, result)
        self.passes += self.writer.backward(OUTPUT, gradient)
        inputs = self._places(self.tensors.value_path)
        gradients = self._places(self.tensors.gradient_path)
        return ArrayCode(self.writer.imported, tuple(self.passes), place, value, inputs, gradients)

    def _functions(self) -> dict[str, Callable[..., Written]]:
        """Return the functions of the engine, of which ``*`` keeps the shape of the result."""
        functions, shape = dict(self.writer.functions), self.case.program.shape
        if (times := functions.get("*")) is not None:
            functions["*"] = lambda *xs: self.writer.written(tree_of(times(*xs)), shape)
        return functions

    def _places(self, path: str) -> tuple[str, ...]:
        """Return a place for each input, in its shape.

        An engine may have no arrays without an axis, and make one of each number.
        """
        names = zip(self.inputs, self.case.program.inputs, strict=True)
        return tuple(
            f"{name}{path}" if self._keeps(x.shape) else f"np.reshape({name}{path}, {x.shape})"
            for name, x in names
        )

    def _keeps(self, shape: Shape) -> bool:
        tensors = self.tensors
        held = outcome(lambda: tensors.value(tensors.new(np.ones(shape))).shape)
        return held in (None, shape)

    def _result(self) -> Written:
        """Return the result of the program; an operation used twice gets a variable."""
        program = self.case.program
        applied = [node for node in program.nodes if isinstance(node, ArrayApply)]
        uses = Counter(i for node in applied for i in node.operands)
        made: list[object] = []
        for position, (node, shape) in enumerate(zip(program.nodes, program.shapes, strict=True)):
            match node:
                case ArrayInput():
                    tree: ast.expr = name_tree(self.inputs[position])
                case ArrayConstant():
                    made.append(self.writer.new(node.array) if shape else node.numbers[0])
                    continue
                case ArrayApply(operation, positions, options):
                    function = self.writer.function(operation.name)
                    operands = [made[i] for i in positions]
                    for index, array in self._numpy_arrays(position, node):
                        operands[index] = array
                    tree = tree_of(function(*operands, **dict(options)))
                    if uses[position] > 1:
                        name = f"n{position}"
                        self._assign(name, self.writer.written(tree))
                        tree = name_tree(name)
            made.append(self.writer.written(tree, shape))
        result = made[-1]
        if not isinstance(result, Written):
            message = "the result is a plain number, not a tensor"
            raise NotWritableError(message)
        return result

    def _numpy_arrays(
        self, position: int, node: ArrayApply
    ) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """Yield the operands that are written as NumPy arrays, as ``numpy_arrays`` does.

        A choice is made by the numbers themselves, not by tensors of them.
        """
        program = self.case.program
        yield from numpy_arrays(program, position, self.numpy_operands)
        if node.operation.name == "where":
            for index, operand in enumerate(node.operands[:2]):
                condition = program.nodes[operand]
                if isinstance(condition, ArrayConstant) and condition.shape:
                    yield index, condition.array

    def _assign(self, name: str, value: object) -> None:
        self.passes.append(assignment(name, value))
