"""The kinds of a verdict, and the reasons why one is undecided."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """A verdict in one word, the gravest first."""

    WRONG_VALUE = "wrong-value"
    WRONG_GRADIENT = "wrong-gradient"
    MISSING_GRADIENT = "missing-gradient"
    NON_FINITE = "non-finite"
    MUTATED_INPUT = "mutated-input"
    NONDETERMINISTIC = "nondeterministic"
    CRASH = "crash"
    HANG = "hang"
    MEMORY = "memory"
    IMPRECISE_VALUE = "imprecise-value"
    IMPRECISE_GRADIENT = "imprecise-gradient"
    UNDECIDED = "undecided"
    CORRECT = "correct"

    @property
    def gravity(self) -> int:
        """The rank of the kind, 0 for the gravest; findings are sorted by it."""
        return _GRAVITY[self]

    @property
    def is_finding(self) -> bool:
        """Whether the engine is proved to be at fault."""
        return self is not Kind.CORRECT and self is not Kind.UNDECIDED


_GRAVITY = {kind: number for number, kind in enumerate(Kind)}


class Reason(StrEnum):
    """A reason why nothing is decided."""

    DOMAIN = "the point is outside of an operation's domain, or at its edge"
    OVERFLOW = "an intermediate result may leave the range of the floats, or a domain"
    UNDERFLOW = "the true number is below the normal range of the floats"
    ILL_CONDITIONED = "rounding alone may change more than a tenth of the number"
    NO_LIFECYCLE = "this engine keeps no graph after a backward pass"
    NO_ZERO_GRAD = "it has no zero_grad"
    WRONG_ALONE = "the engine already gets a single backward pass wrong"
