"""The kinds of a verdict, and the reasons why one is undecided."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """A verdict in one word, the gravest first.

    Four kinds prove no fault and are no proof. ``at-kink``: each side's partial is accepted.
    ``no-subgradient``: no choice of sides at a kink gives the engine's gradient. ``singular``: the
    chain rule has no number, while the whole formula has one. ``depth-limit``: a deep graph reached
    Python's recursion limit, as it does in most small engines.
    """

    WRONG_VALUE = "wrong-value"
    WRONG_GRADIENT = "wrong-gradient"
    WRONG_SHAPE = "wrong-shape"
    MISSING_GRADIENT = "missing-gradient"
    NON_FINITE = "non-finite"
    MUTATED_INPUT = "mutated-input"
    NONDETERMINISTIC = "nondeterministic"
    CRASH = "crash"
    HANG = "hang"
    MEMORY = "memory"
    IMPRECISE_VALUE = "imprecise-value"
    IMPRECISE_GRADIENT = "imprecise-gradient"
    DEPTH_LIMIT = "depth-limit"
    NO_SUBGRADIENT = "no-subgradient"
    SINGULAR = "singular"
    UNDECIDED = "undecided"
    AT_KINK = "at-kink"
    CORRECT = "correct"

    @property
    def gravity(self) -> int:
        """The rank of the kind, 0 for the gravest; findings are sorted by it."""
        return _GRAVITY[self]

    @property
    def is_finding(self) -> bool:
        """Whether the engine is proved to be at fault."""
        return self not in _NO_FINDING

    @property
    def is_proof(self) -> bool:
        """Whether a number of this kind is proved to be right or wrong."""
        return self is Kind.CORRECT or self.is_finding

    @property
    def is_decided(self) -> bool:
        """Whether a number of this kind was judged: another one could have been a finding."""
        return self not in (Kind.UNDECIDED, Kind.SINGULAR, Kind.DEPTH_LIMIT)


_NO_FINDING = (
    Kind.DEPTH_LIMIT,
    Kind.NO_SUBGRADIENT,
    Kind.SINGULAR,
    Kind.UNDECIDED,
    Kind.AT_KINK,
    Kind.CORRECT,
)

FAIL_ON = {
    "kink": Kind.NO_SUBGRADIENT,
    "singular": Kind.SINGULAR,
    "depth": Kind.DEPTH_LIMIT,
}
"""The words of ``--fail-on``, and the kinds that are findings only if they are asked for."""

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
