"""What the witnesses say of a case: every number, and the verdict that follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gradcheck.adapters.engine import Run
from gradcheck.blame import Blame
from gradcheck.expression import Case
from gradcheck.operations import OPERATIONS
from gradcheck.oracles.certificate import Certificate
from gradcheck.witness import Reason, Witness


class Kind(StrEnum):
    """A verdict in a word, the gravest first."""

    WRONG_VALUE = "wrong-value"
    WRONG_GRADIENT = "wrong-gradient"
    MISSING_GRADIENT = "missing-gradient"
    NON_FINITE = "non-finite"
    MUTATED_INPUT = "mutated-input"
    CRASH = "crash"
    IMPRECISE_VALUE = "imprecise-value"
    IMPRECISE_GRADIENT = "imprecise-gradient"
    UNDECIDED = "undecided"
    CORRECT = "correct"

    @property
    def gravity(self) -> int:
        """0 for the gravest; findings are ordered by it."""
        return list(Kind).index(self)

    @property
    def is_finding(self) -> bool:
        """Whether the engine is proved to be at fault."""
        return self not in (Kind.CORRECT, Kind.UNDECIDED)


@dataclass(frozen=True, slots=True)
class Row:
    """What was found of the value, or of the gradient by one input.

    ``slope`` stands beside a gradient only, and is ``None`` where the engine gave no value there.
    """

    name: str
    backprop: Witness
    slope: Witness | None
    kind: Kind
    undecided: Reason | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every number of a checked case, and what they prove together.

    ``kind`` is the gravest of all that was found; ``undecided`` the reason where it is that.
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
    def signature(self) -> str:
        """What makes two failures the same bug: the kind, and what is to blame."""
        if self.run.fault is not None and self.kind is Kind.CRASH:
            return f"{self.kind}-{self.run.fault.error}"
        if self.blame is None or not self.blame.operations:
            return str(self.kind)
        words = sorted(OPERATIONS[name].word for name in self.blame.operations)
        return f"{self.kind}-of-{'-or-'.join(words)}"

    def explains(self, other: Verdict) -> bool:
        """Whether the bug that shows here may be all that shows there.

        It is where the signatures are the same, and where one that is as grave or graver here has
        its operations among those that may be to blame there.
        """
        if self.signature == other.signature:
            return True
        if self.blame is None or other.blame is None or not self.blame.operations:
            return False
        same_number = self.kind is other.kind or (self.kind, other.kind) in _LESSER
        return same_number and set(self.blame.operations) <= set(other.blame.operations)


_LESSER = {
    (Kind.WRONG_VALUE, Kind.IMPRECISE_VALUE),
    (Kind.WRONG_GRADIENT, Kind.IMPRECISE_GRADIENT),
}
"""A bug shows as lost digits where it happens to change little."""
