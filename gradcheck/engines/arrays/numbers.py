"""An engine of arrays, driven as one of numbers: each number is an array of one element.

What becomes of gradients over several backward passes does not depend on shapes, so the checks of
the lifecycle are those of numbers.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gradcheck.arrays.operations import ARRAY_OPERATIONS
from gradcheck.engines.arrays.driving import TensorArrays, number
from gradcheck.engines.arrays.evaluation import WeightedResult, can_weigh
from gradcheck.engines.arrays.objects import ObjectTensors
from gradcheck.engines.arrays.protocol import ArrayEngine
from gradcheck.engines.arrays.writing_steps import written_steps
from gradcheck.engines.evaluation import limit_for
from gradcheck.engines.faults import Fault
from gradcheck.engines.isolation.isolated_arrays import IsolatedArrays
from gradcheck.engines.isolation.isolated_engine import IsolatedEngine
from gradcheck.engines.lifecycle.objects import ZeroGrad
from gradcheck.engines.lifecycle.runner import LifecycleRun, run_steps
from gradcheck.engines.lifecycle.steps_code import StepsCode
from gradcheck.engines.protocol import Engine, Reading, Run
from gradcheck.expression import Apply, Backward, Case, Constant, Expression, Reset
from gradcheck.operations import Operation
from gradcheck.precision import Precision


def as_numbers(engine: ArrayEngine) -> Engine | None:
    """Return an engine of arrays as one of numbers, ``None`` if it keeps no graphs."""
    if isinstance(engine, IsolatedArrays):
        inner = as_numbers(engine.engine)
        return None if inner is None else IsolatedEngine(inner, engine.seconds, engine.memory)
    return NumbersOfArrays(engine) if isinstance(engine, TensorArrays) else None


@dataclass(frozen=True, slots=True)
class NumbersOfArrays:
    """The operations on every element of an engine of arrays, on arrays of one element."""

    engine: TensorArrays

    @property
    def spec(self) -> str:
        return self.engine.spec

    @property
    def operations(self) -> frozenset[Operation]:
        rows = (ARRAY_OPERATIONS[name] for name in self.engine.array_operations)
        return frozenset(row.elementwise for row in rows if row.elementwise is not None)

    @property
    def precision(self) -> Precision:
        return self.engine.precision

    def run(self, case: Case) -> Run:
        output = case.expression.output
        found = self.run_steps(Case(case.expression, case.point, (Backward(output),)))
        value = found.snapshots[0].values[output] if found.snapshots else None
        if found.fault is not None:
            return Run(value, (), found.fault)
        last = found.snapshots[-1]
        inputs = tuple(map(Reading, last.values, last.gradients))
        others = len(case.expression.nodes) - len(inputs)
        return Run(value, inputs + (Reading(None, None),) * others)

    def run_on_used_inputs(self, case: Case) -> None:
        return None

    def value(self, case: Case) -> float | Fault:
        found = self.run_steps(Case(case.expression, case.point))
        return found.fault or found.snapshots[0].values[case.expression.output]

    @property
    def is_summed(self) -> bool:
        return can_weigh(self.engine.functions)

    @property
    def resets(self) -> tuple[Reset, ...]:
        return () if self._zero_grad is None else self._zero_grad.resets

    @property
    def zero_grad_module(self) -> type | None:
        return None if self._zero_grad is None else self._zero_grad.module

    def steps_code(
        self, case: Case, *, zero_grad_of: str | None, changed: int | None
    ) -> StepsCode | None:
        tensors, functions = self.engine.tensors, self.engine.functions
        if not isinstance(tensors, ObjectTensors):
            return None
        return written_steps(
            case, tensors, functions, self.spec, zero_grad_of=zero_grad_of, changed=changed
        )

    @property
    def _zero_grad(self) -> ZeroGrad | None:
        tensors = self.engine.tensors
        return ZeroGrad(tensors.make) if isinstance(tensors, ObjectTensors) else None

    def run_steps(self, case: Case) -> LifecycleRun:
        return run_steps(case, _Objects(self.engine))


@dataclass(slots=True)
class _Number:
    """An array of one element, and its sum once a backward pass has started from it."""

    array: object
    total: object | None = None


@dataclass(frozen=True, slots=True)
class _Objects:
    """The objects of an engine in its lifecycle."""

    engine: TensorArrays

    @contextlib.contextmanager
    def limit(self, expression: Expression) -> Iterator[None]:
        with limit_for(len(expression.nodes), self.engine.seconds), self.engine.tensors.settings():
            yield

    def inputs(self, point: Sequence[float]) -> list[object]:
        return [_Number(self.engine.tensors.input(np.array([x]))) for x in point]

    def nodes(self, case: Case, inputs: Sequence[object]) -> list[object]:
        made: list[object] = [*inputs]
        names = {row.elementwise: name for name, row in ARRAY_OPERATIONS.items()}
        for node in case.expression.nodes[len(made) :]:
            match node:
                case Constant(value):
                    made.append(float(value))
                case Apply(operation, operands):
                    given = [made[i] for i in operands]
                    variables = operation.variables
                    arrays = map(self._array, given[:variables])
                    function = self.engine.functions[names[operation]]
                    made.append(_Number(function(*arrays, *given[variables:])))
        return made

    def _array(self, made: object) -> object:
        if isinstance(made, _Number):
            return made.array
        return self.engine.tensors.constant(np.array([made]))

    def backward(self, made: object) -> None:
        assert isinstance(made, _Number)
        if made.total is None:
            made.total = self._sum(made.array)
        self.engine.tensors.backward(made.total)

    def _sum(self, array: object) -> object:
        if can_weigh(self.engine.functions):
            return self.engine.functions["sum"](array)
        return WeightedResult(array, np.ones(1))

    def zero_grad(self, on: Reset, inputs: Sequence[object], output: object) -> None:
        tensors = self.engine.tensors
        assert isinstance(tensors, ObjectTensors)
        assert isinstance(output, _Number)
        has_sum = output.total is not None and not isinstance(output.total, WeightedResult)
        last = output.total if has_sum else output.array
        ZeroGrad(tensors.make).call(on, [*map(self._array, inputs)], last)

    def value(self, made: object) -> float:
        return number(self.engine.tensors.value(self._array(made)))

    def gradient(self, made: object) -> float | None:
        found = self.engine.tensors.gradient(self._array(made))
        return None if found is None else number(found)
