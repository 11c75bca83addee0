"""What the witnesses say of a case: every number, and the verdict that follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gradcheck.blame.cause import Blame, Cause
from gradcheck.engines.interface import Interface
from gradcheck.engines.protocol import Run
from gradcheck.expression import Case
from gradcheck.judgement import Judgement, Row
from gradcheck.kind import Kind, Reason
from gradcheck.oracles.certificate import Certificate

_OF_NUMBERS = (
    Kind.WRONG_VALUE,
    Kind.WRONG_GRADIENT,
    Kind.IMPRECISE_VALUE,
    Kind.IMPRECISE_GRADIENT,
)
"""What can be said of a number that is there and is not right."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every number of a checked case, and what they prove together.

    ``judgement`` is the engine's run beside the truth, from which the rows and the kind follow.
    ``interface`` is how the engine's objects are driven, ``None`` for a custom engine.
    ``decisions`` are the places where a function went on by a value, and the way that it took
    there: the expression is the function's around this point only.
    """

    judgement: Judgement
    engine: str
    blame: Blame | None
    whole_formula_agrees: bool
    interface: Interface | None
    decisions: tuple[str, ...] = ()

    @property
    def case(self) -> Case:
        """What was checked."""
        return self.judgement.case

    @property
    def run(self) -> Run:
        """What the engine gave."""
        return self.judgement.run

    @property
    def certificate(self) -> Certificate:
        """What is true of every node."""
        return self.judgement.certificate

    @property
    def kind(self) -> Kind:
        """The gravest of all that was found."""
        return self.judgement.kind

    @property
    def rows(self) -> tuple[Row, ...]:
        """The value and the gradient."""
        return self.judgement.rows

    @property
    def value(self) -> Row:
        """What was found of the value."""
        return self.rows[0]

    @property
    def gradient(self) -> tuple[Row, ...]:
        """What was found of the gradient, by each input."""
        return self.rows[1:]

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


def drop_explained(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Drop each verdict that a more certain one explains."""
    kept: list[Verdict] = []
    for verdict in sorted(verdicts, key=_doubt):
        if not any(other.explains(verdict) for other in kept):
            kept.append(verdict)
    return kept


def _doubt(verdict: Verdict) -> tuple[int, int]:
    """Sort key: the most certain blame first."""
    if verdict.blame is None:
        return verdict.kind.gravity, 0
    return list(Cause).index(verdict.blame.cause), len(verdict.blame.operations)
