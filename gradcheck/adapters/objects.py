"""Engines whose numbers are objects with ``data``, ``grad`` and ``backward()``, as micrograd's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import SupportsFloat

from gradcheck.adapters.engine import Fault, Reading, Run
from gradcheck.expression import Apply, Case, Constant, Input, Node
from gradcheck.operations import OPERATIONS, Operation


class NotANumberError(TypeError):
    """Something stands where a number should; the message says what and where."""


@dataclass(frozen=True)  # no slots: cached_property keeps its result in __dict__
class ObjectEngine:
    """Drives a class of scalar objects: made from a float, combined by operators and methods."""

    spec: str
    make: Callable[[float], object]

    @cached_property
    def operations(self) -> frozenset[Operation]:
        """The operations that the class has a method for: one look at it tells, nothing is run."""
        return frozenset(
            o for o in OPERATIONS.values() if callable(getattr(self.make, o.method, None))
        )

    def run(self, case: Case) -> Run:
        nodes: list[object] = []
        value: float | None = None
        stage = "forward"
        try:
            output = self._forward(case, nodes)
            value = _number(output, "data", "the output")
            stage = "backward"
            _call_backward(output)
            readings = self._read(case, nodes)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever an engine raises is data
            return Run(value=value, readings=(), fault=_fault(stage, error))
        return Run(value=value, readings=readings)

    def value(self, case: Case) -> float | Fault:
        try:
            return _number(self._forward(case, []), "data", "the output")
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever an engine raises is data
            return _fault("forward", error)

    def _forward(self, case: Case, nodes: list[object]) -> object:
        """Evaluate the case, leaving the engine's object or the constant of each node in ``nodes``.

        Constants stay plain floats, unless an operation would get nothing else.
        """
        for position, node in enumerate(case.expression.nodes):
            match node:
                case Input():
                    nodes.append(self.make(case.point[position]))
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


def _fault(stage: str, error: BaseException) -> Fault:
    try:
        lines = str(error).splitlines()
    except Exception:  # noqa: BLE001 - an engine's error may not even have a text
        lines = []
    return Fault(stage=stage, error=type(error).__name__, message=lines[0] if lines else "")
