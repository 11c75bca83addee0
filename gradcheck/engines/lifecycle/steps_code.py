"""The steps of a case as statements in Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gradcheck.engines.lifecycle.objects import METHOD
from gradcheck.expression import Apply, Backward, Build, Case, Expression, Repeat, Reset, ZeroGrad
from gradcheck.notation import part_name

OUTPUT = "out"


@dataclass(frozen=True, slots=True)
class StepsCode:
    """A case with steps in Python, for one engine.

    ``begin`` makes the inputs and evaluates the expression, and ``steps`` has the statements of
    each step. ``functions`` have to be imported. ``value`` is the place of the last output's
    number, ``gradients`` has those of the inputs' gradients, and ``changed`` is the place of the
    value that changed, if one did.
    """

    functions: tuple[str, ...]
    begin: tuple[str, ...]
    steps: tuple[tuple[str, ...], ...]
    value: str
    gradients: tuple[str, ...]
    changed: str


class GraphWriter(Protocol):
    """Writer of Python code for the graphs of an engine."""

    @property
    def inputs(self) -> Sequence[str]:
        """The variables of the inputs."""

    @property
    def imported(self) -> tuple[str, ...]:
        """The functions that have to be imported for the code written so far."""

    def new(self, number: float) -> str:
        """Return code for a new object with a number as its value."""

    def value_number(self, name: str) -> str:
        """Return code for an object's value as a number."""

    def gradient_number(self, name: str) -> str:
        """Return code for an object's gradient as a number."""

    def statements(self, expression: Expression, *, named: Sequence[int]) -> list[str]:
        """Return assignments that compute an expression, the last one to ``out``."""

    def start(self, name: str) -> tuple[str, list[str]]:
        """Return the object that a backward pass starts at, and the statements that make it."""

    def backward(self, name: str) -> list[str]:
        """Return the statements of a backward pass that starts at an object."""


def steps_code(
    case: Case, writer: GraphWriter, *, zero_grad_of: str | None, changed: int | None
) -> StepsCode:
    """Return the code of a case.

    ``zero_grad_of`` is the class of modules whose ``zero_grad`` is called, as ``module:Class``, if
    it is not that of the objects. ``changed`` is the position of a node whose value changed.
    """
    return _Steps(case, writer, zero_grad_of, changed).code()


class _Steps:
    def __init__(
        self, case: Case, writer: GraphWriter, zero_grad_of: str | None, changed: int | None
    ) -> None:
        self._case, self._writer, self._changed = case, writer, changed
        self._module = None if zero_grad_of is None else zero_grad_of.partition(":")[2]
        self._graph = case.expression
        self._starts: dict[int, str] = {}

    def code(self) -> StepsCode:
        point = zip(self._writer.inputs, self._case.point, strict=True)
        begin = [f"{name} = {self._writer.new(x)}" for name, x in point]
        begin += self._built(self._case.expression)
        steps = [tuple(self._step(step)) for step in self._case.steps]
        changed = OUTPUT if self._changed is None else self._name(self._changed)
        return StepsCode(
            self._writer.imported,
            tuple(begin),
            tuple(steps),
            self._writer.value_number(OUTPUT),
            tuple(map(self._writer.gradient_number, self._writer.inputs)),
            self._writer.value_number(changed),
        )

    def _step(self, step: Build | Backward | ZeroGrad | Repeat) -> list[str]:
        match step:
            case Build(expression):
                return self._built(expression)
            case Backward(position):
                return self._backward(position)
            case ZeroGrad(on):
                return self._zero_grad(on)
            case Repeat():
                return []  # the whole case is run again

    def _built(self, graph: Expression) -> list[str]:
        self._graph, self._starts = graph, {}
        named = [step.position for step in self._case.steps if isinstance(step, Backward)]
        named += [] if self._changed is None else [self._changed]
        return self._writer.statements(graph, named=named)

    def _backward(self, position: int) -> list[str]:
        made: list[str] = []
        if position not in self._starts:
            self._starts[position], made = self._writer.start(self._name(position))
        return [*made, *self._writer.backward(self._starts[position])]

    def _zero_grad(self, on: Reset) -> list[str]:
        if self._module is not None:
            inputs = ", ".join(self._writer.inputs)
            return [
                *("", "", f"class Inputs({self._module}):"),
                *("    def parameters(self):", f"        return [{inputs}]", "", ""),
                f"Inputs().{METHOD}()",
            ]
        output = self._starts.get(self._graph.output, OUTPUT)
        objects = self._writer.inputs if on is Reset.INPUTS else [output]
        return [f"{name}.{METHOD}()" for name in objects]

    def _name(self, position: int) -> str:
        if position == self._graph.output:
            return OUTPUT
        inputs = self._writer.inputs
        is_operation = isinstance(self._graph.nodes[position], Apply)
        return part_name(position, inputs) if is_operation else inputs[position]
