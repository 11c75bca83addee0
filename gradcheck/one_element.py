"""A case with steps as an engine of arrays computes it: on arrays of one element."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gradcheck.blame.cause import Named
from gradcheck.expression import Case, Expression, Step


@dataclass(frozen=True, slots=True)
class OneElementCase:
    """A case with steps, each of whose numbers is an array of one element.

    A backward pass starts at the sum of a result if it ``is_summed``, which it is where the engine
    has ``sum`` and ``*``.

    >>> from gradcheck import parse
    >>> from gradcheck.expression import Backward
    >>> steps = (Backward(1), Backward(1))
    >>> case = OneElementCase(Case(parse("a*a"), (2.0,), steps), is_summed=True)
    >>> case.formula, case.numbers
    ('sum(a*a)', {'a': [2.0]})
    """

    of_numbers: Case
    is_summed: bool

    @property
    def formula(self) -> str:
        """The formula, as text."""
        formula = self.of_numbers.formula
        return summed(formula) if self.is_summed else formula

    @property
    def numbers(self) -> Mapping[str, object]:
        """The inputs by name, as lists of one number."""
        return {name: [number] for name, number in self.of_numbers.numbers.items()}

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps to take."""
        return self.of_numbers.steps

    @property
    def operations(self) -> Collection[Named]:
        """The operations that occur, besides the sum."""
        return self.of_numbers.operations

    @property
    def expression(self) -> Expression:
        """The expression of the elements."""
        return self.of_numbers.expression

    @property
    def point(self) -> tuple[float, ...]:
        """The number in each input."""
        return self.of_numbers.point


def summed(formula: str) -> str:
    """Return the formula of the sum of a result.

    >>> summed("n1 = a*a; n1*n1")
    'n1 = a*a; sum(n1*n1)'
    """
    *parts, result = formula.split("; ")
    return "; ".join([*parts, f"sum({result})"])
