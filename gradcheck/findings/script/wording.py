"""What a script does with the objects of an engine, written in Python."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from gradcheck.engines.interface import Shape, Way
from gradcheck.expression import Expression
from gradcheck.notation import Notation, written_parts
from gradcheck.operations import Operation


@dataclass(frozen=True, slots=True)
class Wording:
    """The words for the objects of one engine, whose class has a name in the script.

    >>> Wording(Shape(value="val", requires_grad=True), "Value").made(2.0)
    'Value(2.0, requires_grad=True)'
    """

    shape: Shape
    name: str

    def made(self, number: float) -> str:
        """An object made from a number."""
        option = ", requires_grad=True" if self.shape.requires_grad else ""
        return f"{self.name}({number!r}{option})"

    def value(self, made: str) -> str:
        """The place of an object's value."""
        return f"{made}.{self.shape.value}"

    def gradient(self, made: str) -> str:
        """The place of an object's gradient."""
        return f"{made}.{self.shape.gradient}"

    def gradient_number(self, made: str) -> str:
        """The place of the number that is an object's gradient."""
        place = self.gradient(made)
        return self.value(place) if self.shape.holds_objects else place

    def backward(self, made: str = "out") -> list[str]:
        """The backward pass from an object, the output unless said otherwise."""
        seed = [f"{self.gradient(made)} = 1.0"] if self.shape.seed_output else []
        return [*seed, f"{made}.{self.shape.backward}()"]

    def anew(self, made: str, number: float) -> str:
        """An object given another number, and its gradient cleared."""
        places = f"{self.value(made)}, {self.gradient(made)}"
        if self.shape.holds_objects:
            fresh = self.made(number)
            return f"{places} = {self.value(fresh)}, {self.gradient(fresh)}"
        return f"{places} = {number!r}, 0.0"

    def statements(
        self, expression: Expression, names: Sequence[str], *, named: Collection[int] = ()
    ) -> list[str]:
        """The expression as assignments, the last one to ``out``; ``named`` nodes have one each."""
        notation = Notation(
            space=" ",
            call=lambda operation, operands: self._way(operation).written(*operands),
            constants_alone=self.made,
            brackets_operands=True,
            is_called=lambda operation: not self._way(operation).is_operator,
            is_plain=self._is_plain,
        )
        *parts, (_, result) = written_parts(expression, notation, names, named=named)
        return [*(f"{name} = {text}" for name, text in parts), f"out = {result}"]

    def _way(self, operation: Operation) -> Way:
        return _way(self.shape, operation)

    def _is_plain(self, operation: Operation, index: int) -> bool:
        way = self._way(operation)
        return way.numbers_right if index else way.numbers_left


def functions_of(shape: Shape, operations: Iterable[Operation]) -> list[str]:
    """The functions that do some operations, each as ``function`` or ``module:function``."""
    ways = [_way(shape, operation) for operation in operations]
    return sorted(way.name for way in ways if way.function is not None)


def _way(shape: Shape, operation: Operation) -> Way:
    return shape.ways.get(operation.name, Way(operation.method))
