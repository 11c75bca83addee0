"""What the witnesses say of a case: every number, and the verdict that follows from them."""

from __future__ import annotations

from dataclasses import dataclass

from gradcheck.adapters.engine import Run
from gradcheck.adapters.shape import Shape
from gradcheck.blame.cause import Blame
from gradcheck.expression import Case
from gradcheck.far_end import FarEnd
from gradcheck.kind import Kind, Reason
from gradcheck.oracles.certificate import Certificate
from gradcheck.witness import Witness

_OF_NUMBERS = (
    Kind.WRONG_VALUE,
    Kind.WRONG_GRADIENT,
    Kind.IMPRECISE_VALUE,
    Kind.IMPRECISE_GRADIENT,
)
"""What can be said of a number that is there and is not right."""


@dataclass(frozen=True, slots=True)
class Row:
    """What was found of the value, or of the gradient by one input.

    ``far_end`` stands beside a gradient only, and is ``None`` where the engine gave no value there
    or, in a large expression, was not asked for one.
    """

    name: str
    backprop: Witness
    far_end: FarEnd | None
    kind: Kind
    undecided: Reason | None = None

    @property
    def slope(self) -> Witness | None:
        """The slope, where there is a far end to take it to."""
        return None if self.far_end is None else self.far_end.slope


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every number of a checked case, and what they prove together.

    ``kind`` is the gravest of all that was found; ``undecided`` the reason where it is that.
    ``shape`` is how the engine's objects are driven, ``None`` where it has an adapter of its own.
    ``decisions`` are the places where a function went on by a value, and the way that it took
    there: the expression is the function's around this point only.
    """

    case: Case
    engine: str
    value: Row
    gradient: tuple[Row, ...]
    run: Run
    certificate: Certificate
    kind: Kind
    blame: Blame | None
    whole_formula_agrees: bool
    shape: Shape | None
    decisions: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The value and the gradient."""
        return (self.value, *self.gradient)

    @property
    def undecided(self) -> Reason | None:
        """Why the case is undecided, if it is."""
        if self.kind is not Kind.UNDECIDED:
            return None
        return next(row.undecided for row in self.rows if row.undecided)

    @property
    def relative_error(self) -> float:
        """The largest relative error of a number that is proved wrong."""
        wrong = (row.backprop for row in self.rows if row.backprop.agrees is False)
        return max((witness.relative_error for witness in wrong), default=0.0)

    @property
    def only_loses_digits(self) -> bool:
        """Whether all that is wrong are digits, at most half of those that a number about 1 has."""
        wrong = [row for row in self.rows if row.kind.is_finding]
        return bool(wrong) and all(
            row.kind in _OF_NUMBERS and row.backprop.has_lost_digits for row in wrong
        )

    @property
    def signature(self) -> str:
        """What makes two failures the same bug: why it is wrong, and of which operation."""
        if self.blame is None:
            return self.kind.value
        return self.blame.signature

    def explains(self, other: Verdict) -> bool:
        """Whether the bug that shows here may be all that shows there."""
        if self.blame is None or other.blame is None:
            return self.signature == other.signature
        return self.blame.explains(other.blame)
