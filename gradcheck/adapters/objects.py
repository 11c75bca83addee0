"""Engines whose numbers are objects with ``data``, ``grad`` and ``backward()``, as micrograd's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import SupportsFloat

from gradcheck.adapters.engine import Fault, Reading, Run
from gradcheck.adapters.time_limit import time_limit
from gradcheck.expression import Apply, Case, Constant, Input, Node
from gradcheck.operations import OPERATIONS, Operation

_SECONDS_PER_NODE = 1e-3
"""Hundreds of times what a slow engine in Python needs."""


class NotANumberError(TypeError):
    """Something stands where a number should; the message says what and where."""


@dataclass(frozen=True)  # no slots: cached_property keeps its result in __dict__
class ObjectEngine:
    """Drives a class of scalar objects: made from a float, combined by operators and methods.

    What computes for longer than ``seconds``, and a millisecond for each node, is a hang.
    """

    spec: str
    make: Callable[[float], object]
    seconds: float = 5.0

    @cached_property
    def operations(self) -> frozenset[Operation]:
        """The operations that the class has a method for: one look at it tells, nothing is run."""
        return frozenset(
            o for o in OPERATIONS.values() if callable(getattr(self.make, o.method, None))
        )

    def run(self, case: Case) -> Run:
        run = self._run_afresh(case)
        if run.fault is not None and run.fault.is_hang:
            # Once more, as a garbage collection may have fallen into the first run.
            return self._run_afresh(case)
        return run

    def _run_afresh(self, case: Case) -> Run:
        return self._run(case, lambda: [self.make(number) for number in case.point])

    def run_again(self, case: Case) -> Run | None:
        halves = Case(case.expression, tuple(number / 2.0 for number in case.point))
        inputs: list[object] = []

        def used_inputs() -> list[object]:
            inputs[:] = [self.make(number) for number in halves.point]
            return inputs

        if self._run(halves, used_inputs).fault is not None:
            return None
        try:
            for made, number in zip(inputs, case.point, strict=True):
                _make_anew(made, self.make(number))
        except (AttributeError, TypeError):
            return None
        return self._run(case, lambda: inputs)

    def value(self, case: Case) -> float | Fault:
        nodes: list[object] = []
        try:
            with self._time_limit(case):
                inputs = [self.make(number) for number in case.point]
                return _number(self._forward(case, inputs, nodes), "data", "the output")
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever an engine raises is data
            return _fault("forward", error, len(nodes))

    def _run(self, case: Case, make_inputs: Callable[[], list[object]]) -> Run:
        nodes: list[object] = []
        value: float | None = None
        stage = "forward"
        try:
            with self._time_limit(case):
                output = self._forward(case, make_inputs(), nodes)
                value = _number(output, "data", "the output")
                stage = "backward"
                _call_backward(output)
                readings = self._read(case, nodes)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever an engine raises is data
            position = len(nodes) if stage == "forward" else None
            return Run(value=value, readings=(), fault=_fault(stage, error, position))
        return Run(value=value, readings=readings)

    def _time_limit(self, case: Case) -> AbstractContextManager[None]:
        return time_limit(self.seconds + _SECONDS_PER_NODE * len(case.expression.nodes))

    def _forward(self, case: Case, inputs: Sequence[object], nodes: list[object]) -> object:
        """Evaluate the case, leaving the engine's object or the constant of each node in ``nodes``.

        Constants stay plain floats, unless an operation would get nothing else.
        """
        for position, node in enumerate(case.expression.nodes):
            match node:
                case Input():
                    nodes.append(inputs[position])
                case Constant(number):
                    nodes.append(number)
                case Apply(operation, positions):
                    arguments = [case.expression.nodes[i] for i in positions]
                    if constants := _all_constants(arguments):
                        operands = [self.make(number) for number in constants]
                    else:
                        operands = [nodes[i] for i in positions]
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
                    value=_number(made, "data", where),
                    adjoint=None if adjoint is None else _number(made, "grad", where),
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


def _number(made: object, attribute: str, where: str) -> float:
    """Read a number off an engine's object; text is none, even where ``float`` could read it."""
    found = getattr(made, attribute, None)
    if isinstance(found, (float, SupportsFloat)):
        return float(found)
    shown = repr(made) if found is None else repr(found)
    message = f"{where} has {shown:.40} where .{attribute} should be a number"
    raise NotANumberError(message)


def _make_anew(made: object, fresh: object) -> None:
    """Give an object the number and the gradient of a fresh one, as between two training steps."""
    for attribute in ("data", "grad"):
        setattr(made, attribute, getattr(fresh, attribute))


def _fault(stage: str, error: BaseException, position: int | None) -> Fault:
    try:
        lines = str(error).splitlines()
    except Exception:  # noqa: BLE001 - an engine's error may not even have a text
        lines = []
    return Fault(stage, type(error).__name__, lines[0] if lines else "", position)
