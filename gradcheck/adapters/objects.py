"""Engines whose numbers are objects with ``data``, ``grad`` and ``backward()``, as micrograd's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property

from gradcheck.adapters.engine import Fault, HangError, Reading, Run
from gradcheck.adapters.faults import fault_of
from gradcheck.adapters.numbers import number
from gradcheck.adapters.time_limit import PATIENCE, time_limit
from gradcheck.expression import Apply, Case, Constant, Input, Node
from gradcheck.operations import OPERATIONS, Operation
from gradcheck.precision import FLOAT64, Precision

_SECONDS_PER_NODE = 1e-3
"""Hundreds of times what a slow engine in Python needs."""


@dataclass(frozen=True, eq=False)  # no slots: cached_property keeps its result in __dict__
class ObjectEngine:
    """Drives a class of scalar objects: made from a float, combined by operators and methods.

    What computes for longer than ``seconds``, and a millisecond for each node, is a hang, and so is
    what does nothing at all for ``patience`` seconds.
    """

    spec: str
    make: Callable[[float], object]
    seconds: float = 5.0
    patience: float = PATIENCE
    precision: Precision = FLOAT64

    # By the identity of ``make``, as that may be any callable, one that has no hash among them.

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObjectEngine) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[object, ...]:
        return self.spec, id(self.make), self.seconds, self.patience, self.precision

    @cached_property
    def operations(self) -> frozenset[Operation]:
        """The operations that the class has a method for: one look at it tells, nothing is run."""
        return frozenset(
            o for o in OPERATIONS.values() if callable(getattr(self.make, o.method, None))
        )

    def run(self, case: Case) -> Run:
        return self._settled(case, lambda: [self.make(x) for x in case.point])

    def run_again(self, case: Case) -> Run | None:
        run = self._run_on_used_inputs(case)
        return self._run_on_used_inputs(case) if run is not None and _hangs(run) else run

    def _settled(self, case: Case, make_inputs: Callable[[], list[object]]) -> Run:
        run = self._run(case, make_inputs)
        # Once more, as a garbage collection may have fallen into the first run.
        return self._run(case, make_inputs) if _hangs(run) else run

    def _run_on_used_inputs(self, case: Case) -> Run | None:
        halves = Case(case.expression, tuple(x / 2.0 for x in case.point))
        inputs: list[object] = []

        def used_inputs() -> list[object]:
            inputs[:] = [self.make(x) for x in halves.point]
            return inputs

        if self._settled(halves, used_inputs).fault is not None:
            return None
        try:
            with self._time_limit(case):
                for made, x in zip(inputs, case.point, strict=True):
                    _make_anew(made, self.make(x))
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - nothing says that inputs can be used again
            return None
        return self._run(case, lambda: inputs)

    def value(self, case: Case) -> float | Fault:
        nodes: list[object] = []
        try:
            with self._time_limit(case):
                inputs = [self.make(x) for x in case.point]
                return number(self._forward(case, inputs, nodes), "data", "the output")
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever an engine raises is data
            return fault_of(error, stage="forward", position=len(nodes))

    def _run(self, case: Case, make_inputs: Callable[[], list[object]]) -> Run:
        nodes: list[object] = []
        value: float | None = None
        stage = "forward"
        try:
            with self._time_limit(case):
                output = self._forward(case, make_inputs(), nodes)
                value = number(output, "data", "the output")
                stage = "backward"
                _call_backward(output)
                readings = self._read(case, nodes)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever an engine raises is data
            position = len(nodes) if stage == "forward" else None
            fault = fault_of(error, stage=stage, position=position)
            return Run(value=value, readings=(), fault=fault)
        return Run(value=value, readings=readings)

    def _time_limit(self, case: Case) -> AbstractContextManager[None]:
        seconds = self.seconds + _SECONDS_PER_NODE * len(case.expression.nodes)
        return time_limit(seconds, patience=self.patience)

    def _forward(self, case: Case, inputs: Sequence[object], nodes: list[object]) -> object:
        """Evaluate the case, leaving the engine's object or the constant of each node in ``nodes``.

        Constants stay plain floats, unless an operation would get nothing else.
        """
        for position, node in enumerate(case.expression.nodes):
            match node:
                case Input():
                    nodes.append(inputs[position])
                case Constant(value):
                    nodes.append(value)
                case Apply(operation, positions):
                    operands = [nodes[i] for i in positions]
                    variable = operation.arity - operation.parameters
                    arguments = [case.expression.nodes[i] for i in positions[:variable]]
                    if constants := _all_constants(arguments):
                        operands[:variable] = [self.make(x) for x in constants]
                    nodes.append(operation.apply(*operands))
        output = case.expression.nodes[case.expression.output]
        if isinstance(output, Constant):
            return self.make(output.value)
        return nodes[case.expression.output]

    @staticmethod
    def _read(case: Case, nodes: Sequence[object]) -> tuple[Reading, ...]:
        readings = []
        for position, (node, made) in enumerate(zip(case.expression.nodes, nodes, strict=True)):
            if isinstance(node, Constant):
                readings.append(Reading(value=node.value, adjoint=None))
                continue
            where = f"input {node.name}" if isinstance(node, Input) else f"node {position}"
            adjoint = getattr(made, "grad", None)
            readings.append(
                Reading(
                    value=number(made, "data", where),
                    adjoint=None if adjoint is None else number(made, "grad", where),
                )
            )
        return tuple(readings)


def _all_constants(nodes: Sequence[Node]) -> list[float]:
    """The numbers of nodes that are all constants; nothing where one is not."""
    numbers = [node.value for node in nodes if isinstance(node, Constant)]
    return numbers if len(numbers) == len(nodes) else []


def _call_backward(output: object) -> None:
    backward = getattr(output, "backward", None)
    if not callable(backward):
        message = f"{type(output).__name__} has no backward()"
        raise TypeError(message)
    backward()


def _make_anew(made: object, fresh: object) -> None:
    """Give an object the number and the gradient of a fresh one, as between two training steps."""
    try:
        gradient = getattr(fresh, "grad")  # noqa: B009 - mypy knows of no such attribute
    except (KeyboardInterrupt, HangError):
        raise
    except BaseException:  # noqa: BLE001 - there may be none before a backward pass
        gradient = 0.0
    for attribute, found in (("data", getattr(fresh, "data", None)), ("grad", gradient)):
        setattr(made, attribute, found)


def _hangs(run: Run) -> bool:
    return run.fault is not None and run.fault.is_hang
