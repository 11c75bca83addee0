"""Write down in Python the steps of a case, on arrays of one element of an engine of arrays."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

import numpy as np

from gradcheck.arrays.operations import ARRAY_OPERATIONS
from gradcheck.engines.arrays.code_objects import NotWritableError, name_tree
from gradcheck.engines.arrays.evaluation import ArrayFunctions, can_weigh
from gradcheck.engines.arrays.objects import ObjectTensors
from gradcheck.engines.arrays.tensor_writer import TensorWriter, assignment, code_of
from gradcheck.engines.lifecycle.steps_code import OUTPUT, StepsCode, steps_code
from gradcheck.expression import Case, Expression
from gradcheck.notation import Notation, part_name, usable_names, written_parts
from gradcheck.operations import Operation

_SHAPE = (1,)


def written_steps(
    case: Case,
    tensors: ObjectTensors,
    functions: ArrayFunctions,
    spec: str,
    *,
    zero_grad_of: str | None,
    changed: int | None,
) -> StepsCode | None:
    """Return a case with steps in Python, ``None`` if it cannot be written down.

    See ``written_case`` for what cannot be, and ``steps_code`` for the options.
    """
    writer = TensorWriter(tensors, functions, spec)

    def written() -> tuple[StepsCode, Sequence[str]]:
        graphs = _ArrayGraphs(case, tensors, writer)
        code = steps_code(case, graphs, zero_grad_of=zero_grad_of, changed=changed)
        return code, graphs.inputs

    try:
        code, inputs = written()
        # An input may have the name of a function that the code turned out to use.
        return code if writer.taken.isdisjoint(inputs) else written()[0]
    except NotWritableError:
        return None


class _ArrayGraphs:
    """Writer of Python code for graphs of arrays of one element."""

    def __init__(self, case: Case, tensors: ObjectTensors, writer: TensorWriter) -> None:
        self._tensors, self._writer = tensors, writer
        names = case.expression.inputs
        nodes = range(len(case.expression.nodes))
        sums = [_sum_of(name) for name in (OUTPUT, *names, *(part_name(i, names) for i in nodes))]
        self.inputs: Sequence[str] = usable_names(names, taken={*writer.taken, *sums})
        self._names = {row.elementwise: name for name, row in ARRAY_OPERATIONS.items()}

    @property
    def imported(self) -> tuple[str, ...]:
        return self._writer.imported

    def new(self, number: float) -> str:
        return code_of(self._writer.new(np.array([float(number)])))

    def value_number(self, name: str) -> str:
        return f"{name}{self._tensors.value_path}.item()"

    def gradient_number(self, name: str) -> str:
        return f"{name}{self._tensors.gradient_path}.item()"

    def statements(self, expression: Expression, *, named: Collection[int]) -> list[str]:
        notation = Notation(
            space=" ",
            call=self._applied,
            constant_as_operand=self.new,
            is_called=lambda _operation: True,
            is_plain=lambda _operation, _index: False,
        )
        *parts, (_, result) = written_parts(expression, notation, self.inputs, named=named)
        return [*(f"{name} = {text}" for name, text in parts), f"{OUTPUT} = {result}"]

    def start(self, name: str) -> tuple[str, list[str]]:
        if not can_weigh(self._writer.functions):
            return name, []
        made = self._writer.functions["sum"](self._writer.written(name_tree(name), _SHAPE))
        return _sum_of(name), [assignment(_sum_of(name), made)]

    def backward(self, name: str) -> list[str]:
        held = f"{name}{self._tensors.value_path}"
        return self._writer.backward(name, f"np.ones_like({held})")

    def _applied(self, operation: Operation, operands: Sequence[str]) -> str:
        """Return the text of an operation, by the engine's own function on written operands."""
        arrays = [
            self._writer.written(ast.parse(text, mode="eval").body, _SHAPE)
            for text in operands[: operation.variables]
        ]
        parameters = [float(text) for text in operands[operation.variables :]]
        function = self._writer.function(self._names.get(operation, operation.name))
        return code_of(function(*arrays, *parameters))


def _sum_of(name: str) -> str:
    return f"sum_of_{name}"
