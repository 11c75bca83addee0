"""What a script does with the objects of an engine, written in Python."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from gradcheck.engines.interface import Binding, Interface
from gradcheck.expression import Expression
from gradcheck.notation import Notation, written_parts
from gradcheck.operations import Operation


@dataclass(frozen=True, slots=True)
class Wording:
    """The words for the objects of one engine, whose class has a name in the script.

    >>> Wording(Interface(value="val", requires_grad=True), "Value").made(2.0)
    'Value(2.0, requires_grad=True)'
    """

    interface: Interface
    name: str

    def made(self, number: float) -> str:
        """An object made from a number."""
        option = ", requires_grad=True" if self.interface.requires_grad else ""
        return f"{self.name}({number!r}{option})"

    def value(self, made: str) -> str:
        """The place of an object's value."""
        return f"{made}.{self.interface.value}"

    def gradient(self, made: str) -> str:
        """The place of an object's gradient."""
        return f"{made}.{self.interface.gradient}"

    def gradient_number(self, made: str) -> str:
        """The place of the number that is an object's gradient."""
        place = self.gradient(made)
        return self.value(place) if self.interface.gradient_is_object else place

    def backward(self, made: str = "out") -> list[str]:
        """The backward pass from an object, the output unless said otherwise."""
        seed = [f"{self.gradient(made)} = 1.0"] if self.interface.seed_output else []
        return [*seed, f"{made}.{self.interface.backward}()"]

    def anew(self, made: str, number: float) -> str:
        """An object given another number, and its gradient cleared."""
        places = f"{self.value(made)}, {self.gradient(made)}"
        if self.interface.gradient_is_object:
            fresh = self.made(number)
            return f"{places} = {self.value(fresh)}, {self.gradient(fresh)}"
        return f"{places} = {number!r}, 0.0"

    def statements(
        self, expression: Expression, names: Sequence[str], *, named: Collection[int] = ()
    ) -> list[str]:
        """The expression as assignments, the last one to ``out``; ``named`` nodes have one each."""
        notation = Notation(
            space=" ",
            call=lambda operation, operands: self._binding(operation).call_text(*operands),
            constants_alone=self.made,
            brackets_operands=True,
            is_called=lambda operation: not self._binding(operation).is_operator,
            is_plain=self._is_plain,
        )
        *parts, (_, result) = written_parts(expression, notation, names, named=named)
        return [*(f"{name} = {text}" for name, text in parts), f"out = {result}"]

    def _binding(self, operation: Operation) -> Binding:
        return _binding(self.interface, operation)

    def _is_plain(self, operation: Operation, index: int) -> bool:
        binding = self._binding(operation)
        return binding.numbers_right if index else binding.numbers_left


def functions_of(interface: Interface, operations: Iterable[Operation]) -> list[str]:
    """The functions that do some operations, each as ``function`` or ``module:function``."""
    bindings = [_binding(interface, operation) for operation in operations]
    return sorted(binding.name for binding in bindings if binding.function is not None)


def _binding(interface: Interface, operation: Operation) -> Binding:
    return interface.bindings.get(operation.name, Binding(operation.method))
