"""What a run has judged so far."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from gradcheck.kind import Kind, Reason
from gradcheck.verdict import Verdict


@dataclass(slots=True)
class Statistics:
    """Counts over the cases that a run has drawn; those tried while shrinking do not count.

    ``verdicts`` and ``undecided`` count cases. A case is undecided where one of its numbers is and
    none is wrong; ``undecided_gradients`` counts the numbers. ``worst_error_share`` is the largest
    error of a correct number as a share of its allowed error, between 0 and 1.
    """

    expressions: int = 0
    cases: int = 0
    gradients: int = 0
    undecided_gradients: int = 0
    verdicts: Counter[Kind] = field(default_factory=Counter)
    undecided: Counter[Reason] = field(default_factory=Counter)
    worst_error_share: float = 0.0
    begin: float = field(default_factory=time.monotonic)

    def count(self, verdict: Verdict) -> None:
        """Add a case."""
        self.cases += 1
        self.verdicts[verdict.kind] += 1
        if verdict.undecided is not None:
            self.undecided[verdict.undecided] += 1
        self.gradients += len(verdict.gradient)
        for row in verdict.gradient:
            self.undecided_gradients += row.kind is Kind.UNDECIDED
        for row in verdict.rows:
            if row.kind is Kind.CORRECT:
                share = row.backprop.error_share
                self.worst_error_share = max(self.worst_error_share, share or 0.0)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.begin

    @property
    def decided(self) -> int:
        """Cases with a verdict on every number, or with a proved fault."""
        return self.cases - self.verdicts[Kind.UNDECIDED]
