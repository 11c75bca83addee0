"""What a run or a round of it has judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from gradcheck.fuzz.rounding_losses import losses
from gradcheck.kind import Kind, Reason
from gradcheck.verdict import Verdict

CLOSER_LOOK_EVERY = 16
"""One expression in so many is looked at closely: how far off are the numbers that are correct?

That takes the truth of each, which a verdict does without wherever it can.
"""


@dataclass(slots=True)
class Statistics:
    """Counts over the cases that were drawn; those tried while shrinking do not count.

    ``verdicts`` and ``undecided`` count cases. A case is undecided where one of its numbers is and
    none is wrong; ``undecided_gradients`` counts the numbers. ``worst_error_share`` is the largest
    error of a correct number as a share of its allowed error, between 0 and 1, and ``lost`` is the
    most that each operation was off by, in units in the last place, both among the expressions that
    were looked at closely. ``seen`` counts the cases that showed a bug, by its signature.
    ``covered`` are the features that cases had, and ``given_up`` the rounds that no process
    survived.
    """

    expressions: int = 0
    cases: int = 0
    gradients: int = 0
    undecided_gradients: int = 0
    verdicts: Counter[Kind] = field(default_factory=Counter)
    undecided: Counter[Reason] = field(default_factory=Counter)
    worst_error_share: float = 0.0
    lost: dict[str, float] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    covered: set[str] = field(default_factory=set)
    given_up: list[int] = field(default_factory=list)

    def count(self, verdict: Verdict) -> None:
        """Add a case."""
        self.cases += 1
        self.verdicts[verdict.kind] += 1
        if verdict.kind.is_finding:
            self.seen[verdict.signature] += 1
        self.gradients += len(verdict.case.point)
        if verdict.kind is not Kind.CORRECT:
            self.undecided_gradients += sum(
                number.kind is Kind.UNDECIDED for number in verdict.number_verdicts[1:]
            )
        if verdict.undecided is not None:
            self.undecided[verdict.undecided] += 1
        if self.expressions % CLOSER_LOOK_EVERY == 1:
            self._look_closely(verdict)

    def _look_closely(self, verdict: Verdict) -> None:
        for number in verdict.number_verdicts:
            if number.kind is Kind.CORRECT:
                share = number.backprop.error_share
                self.worst_error_share = max(self.worst_error_share, share or 0.0)
        for operation, units in losses(verdict):
            self.lost[operation.name] = max(units, self.lost.get(operation.name, 0.0))

    def add(self, other: Statistics) -> None:
        """Add what was counted elsewhere."""
        self.expressions += other.expressions
        self.cases += other.cases
        self.gradients += other.gradients
        self.undecided_gradients += other.undecided_gradients
        self.verdicts += other.verdicts
        self.undecided += other.undecided
        self.worst_error_share = max(self.worst_error_share, other.worst_error_share)
        for name, units in other.lost.items():
            self.lost[name] = max(units, self.lost.get(name, 0.0))
        self.seen += other.seen
        self.covered |= other.covered
        self.given_up += other.given_up

    @property
    def decided(self) -> int:
        """Cases with a verdict on every number, or with a proved fault."""
        return self.cases - self.verdicts[Kind.UNDECIDED]
