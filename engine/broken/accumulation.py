"""Contributions that are lost, or added where they should not be."""

from __future__ import annotations

from typing import ClassVar

from .twin import Twin, planted


@planted("lost-contribution", "a*a", a=1.0)
class overwrites_gradient(Twin):
    """= instead of +=."""

    def send(self, index: int, partial: float) -> None:
        self.operands[index].grad = partial * self.grad


class _OverwritesIn(Twin):
    """= instead of +=, in one operation."""

    overwriting: ClassVar[str]

    def send(self, index: int, partial: float) -> None:
        if self.operation == self.overwriting:
            self.operands[index].grad = 0.0
        super().send(index, partial)


@planted("lost-contribution", "a + a", of="+", a=0.0)
class overwrites_in_sum(_OverwritesIn):
    """= instead of +=, in +."""

    overwriting = "+"


@planted("lost-contribution", "a*a", of="*", a=1.0)
class overwrites_in_product(_OverwritesIn):
    """= instead of +=, in *."""

    overwriting = "*"


@planted("lost-contribution", "a + tanh(a)", of="tanh", a=0.0)
class overwrites_in_tanh(_OverwritesIn):
    """= instead of +=, in tanh."""

    overwriting = "tanh"


@planted("lost-contribution", "a*b + a", of="*", a=0.0, b=0.0)
class overwrites_first_factor(Twin):
    """= instead of +=, in *, for its first operand only."""

    def send(self, index: int, partial: float) -> None:
        if self.operation == "*" and index == 0:
            self.operands[index].grad = 0.0
        super().send(index, partial)


class _OperandsInASet(Twin):
    """An operand that is used twice by one operation gets one contribution."""

    def counts_once(self) -> bool:
        """Whether this node sends only one contribution."""
        return True

    def send(self, index: int, partial: float) -> None:
        if not (self.counts_once() and self.operands[index] in self.operands[:index]):
            super().send(index, partial)


@planted("lost-contribution", "a + a", a=0.0)
class counts_repeated_operand_once(_OperandsInASet):
    """Operands are a set: the contributions of a*a and a + a count once."""


@planted("lost-contribution", "a*a", of="*", a=1.0)
class counts_square_once(_OperandsInASet):
    """The contributions of a*a count once."""

    def counts_once(self) -> bool:
        return self.operation == "*"


@planted("lost-contribution", "a + a", of="+", a=0.0)
class counts_double_once(_OperandsInASet):
    """The contributions of a + a count once."""

    def counts_once(self) -> bool:
        return self.operation == "+"


@planted("merged-nodes", "tanh(tanh(a))", a=0.0)
class merges_equal_nodes(Twin):
    """Nodes with equal numbers are equal, so one of two is never visited."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Twin) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.data)


@planted("lost-contribution", "tanh(a)", a=0.0)
class skips_zeros(Twin):
    """A node with the value zero counts as missing, and sends nothing."""

    def send(self, index: int, partial: float) -> None:
        if self.data:
            super().send(index, partial)


@planted("nonzero-start", "a", a=0.0, b=0.0)
class starts_at_one(Twin):
    """Gradients start at one instead of zero."""

    def __init__(self, data: float, operands: tuple[Twin, ...] = (), operation: str = "") -> None:
        super().__init__(data, operands, operation)
        self.grad = 1.0


@planted("earlier-graph", "tanh(a)", a=0.0)
class keeps_gradients(Twin):
    """Gradients are kept outside of the nodes, and not cleared when an input is used again."""

    kept: ClassVar[dict[Twin, float]] = {}

    def send(self, index: int, partial: float) -> None:
        operand = self.operands[index]
        self.kept[operand] = self.kept.get(operand, 0.0) + partial * self.grad
        operand.grad = self.kept[operand]
