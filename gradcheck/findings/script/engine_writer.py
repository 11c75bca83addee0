"""Python code for a case on the objects of one engine."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gradcheck.engines.interface import Binding, Interface
from gradcheck.expression import Case, Expression
from gradcheck.findings.script.engine_import import EngineImport, engine_import
from gradcheck.notation import Notation, usable_names, written_parts
from gradcheck.operations import Operation


@dataclass(frozen=True, slots=True)
class EngineWriter:
    """Writer of Python code for one engine; ``inputs`` are the variables of a case's inputs."""

    interface: Interface
    engine: EngineImport
    inputs: Sequence[str]

    def new(self, number: float) -> str:
        """Return code for a new object with a number as its value."""
        option = ", requires_grad=True" if self.interface.requires_grad else ""
        return f"{self.engine.name}({float(number)!r}{option})"

    @property
    def imported(self) -> tuple[str, ...]:
        """The functions that are imported besides the class."""
        return self.engine.names[1:]

    def value(self, name: str) -> str:
        """Return code for an object's value."""
        return f"{name}.{self.interface.value}"

    def value_number(self, name: str) -> str:
        """Return code for an object's value as a number."""
        return self.value(name)

    def gradient(self, name: str) -> str:
        """Return code for an object's gradient, which may be an object too."""
        return f"{name}.{self.interface.gradient}"

    def gradient_number(self, name: str) -> str:
        """Return code for an object's gradient as a number."""
        gradient = self.gradient(name)
        return self.value(gradient) if self.interface.gradient_is_object else gradient

    def start(self, name: str) -> tuple[str, list[str]]:
        """Return the object that a backward pass starts at: the object itself."""
        return name, []

    def backward(self, name: str = "out") -> list[str]:
        """Return the statements of a backward pass from an object."""
        seed = [f"{self.gradient(name)} = 1.0"] if self.interface.seed_output else []
        return [*seed, f"{name}.{self.interface.backward}()"]

    def reset(self, name: str, number: float) -> str:
        """Return a statement that gives an object another value and clears its gradient."""
        places = f"{self.value(name)}, {self.gradient(name)}"
        if self.interface.gradient_is_object:
            fresh = self.new(number)
            return f"{places} = {self.value(fresh)}, {self.gradient(fresh)}"
        return f"{places} = {number!r}, 0.0"

    def statements(self, expression: Expression, *, named: Collection[int] = ()) -> list[str]:
        """Return assignments that compute an expression, the last one to ``out``.

        ``named`` nodes have a variable each.
        """
        notation = Notation(
            space=" ",
            call=lambda operation, operands: self._binding(operation).call_text(*operands),
            constant_as_operand=self.new,
            brackets_operands=True,
            is_called=lambda operation: not self._binding(operation).is_operator,
            is_plain=self._is_plain,
        )
        *parts, (_, result) = written_parts(expression, notation, self.inputs, named=named)
        return [*(f"{name} = {text}" for name, text in parts), f"out = {result}"]

    def _binding(self, operation: Operation) -> Binding:
        return _binding(self.interface, operation)

    def _is_plain(self, operation: Operation, index: int) -> bool:
        binding = self._binding(operation)
        return binding.numbers_right if index else binding.numbers_left


def engine_writer(spec: str, interface: Interface, case: Case) -> EngineWriter:
    """Return the writer for a case on the engine of a spec.

    >>> from gradcheck import parse
    >>> case = Case(parse("a*b"), (2.0, 3.0))
    >>> engine_writer("my.engine:Value", Interface(value="val", requires_grad=True), case).new(2.0)
    'Value(2.0, requires_grad=True)'
    """
    bindings = [_binding(interface, operation) for operation in case.operations]
    functions = sorted(binding.name for binding in bindings if binding.function is not None)
    engine = engine_import(spec, functions)
    inputs = usable_names(case.expression.inputs, taken=engine.names)
    return EngineWriter(interface, engine, inputs)


def _binding(interface: Interface, operation: Operation) -> Binding:
    return interface.bindings.get(operation.name, Binding(operation.method))
