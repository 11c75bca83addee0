"""The words of a blame."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gradcheck.engines.faults import ends_process
from gradcheck.operations import Operation


class Cause(StrEnum):
    """Why an engine's numbers are wrong."""

    CRASH = "crash"
    HANG = "hang"
    MEMORY = "memory"
    MUTATED_INPUT = "mutated-input"
    WRONG_VALUE = "wrong-value"
    NONZERO_START = "nonzero-start"
    WRONG_SEED = "wrong-seed"
    WRONG_PARTIAL = "wrong-partial"
    MISSING_GRADIENT = "missing-gradient"
    FORGOTTEN_UPSTREAM = "forgotten-upstream"
    LOST_CONTRIBUTION = "lost-contribution"
    WRONG_ORDER = "wrong-order"
    WRONG_AT_DEPTH = "wrong-at-depth"
    MERGED_NODES = "merged-nodes"
    EARLIER_GRAPH = "earlier-graph"
    SECOND_BACKWARD = "second-backward"
    ZERO_GRAD = "zero-grad"
    USED_INPUTS = "used-inputs"
    SHARED_OUTPUTS = "shared-outputs"
    INNER_FIRST = "inner-first"
    UNCHANGED = "unchanged"
    SAME_BITS = "same-bits"
    UNCLEAR = "unclear"

    @property
    def reason(self) -> str:
        """The cause in a few words."""
        return _REASONS[self]


_REASONS = {
    Cause.CRASH: "it raises an error",
    Cause.HANG: "it does not come to an end",
    Cause.MEMORY: "it takes more memory than it may",
    Cause.MUTATED_INPUT: "an input is changed",
    Cause.WRONG_VALUE: "the value is wrong",
    Cause.NONZERO_START: "gradients do not start at zero",
    Cause.WRONG_SEED: "the output's own gradient is not 1, or not only the output gets it",
    Cause.WRONG_PARTIAL: "the local partial is wrong",
    Cause.MISSING_GRADIENT: "an operand gets no gradient",
    Cause.FORGOTTEN_UPSTREAM: "the partial is not multiplied by the adjoint from above",
    Cause.LOST_CONTRIBUTION: "a contribution is lost",
    Cause.WRONG_ORDER: "an adjoint is passed on before it is complete, or more than once",
    Cause.WRONG_AT_DEPTH: "it goes wrong in a graph as deep as this, whatever the operations",
    Cause.MERGED_NODES: "nodes with equal values are taken for one",
    Cause.EARLIER_GRAPH: "an earlier graph on the same inputs left something behind",
    Cause.SECOND_BACKWARD: "a second backward pass over the same graph goes wrong",
    Cause.ZERO_GRAD: "zero_grad does not clear what it should",
    Cause.USED_INPUTS: "a new graph goes wrong on inputs that have gradients",
    Cause.SHARED_OUTPUTS: "the second of two outputs that share a graph goes wrong",
    Cause.INNER_FIRST: "a backward pass goes wrong after one of an inner node",
    Cause.UNCHANGED: "a backward pass changes values",
    Cause.SAME_BITS: "the same computation gives other numbers when it is done again",
    Cause.UNCLEAR: "each is right alone, but not together",
}

_OF_A_GRADIENT = (
    Cause.WRONG_PARTIAL,
    Cause.MISSING_GRADIENT,
    Cause.FORGOTTEN_UPSTREAM,
    Cause.LOST_CONTRIBUTION,
)
"""Why a gradient may be wrong because of one operation."""


_ORDINALS = ("first", "second", "third", "fourth", "fifth")


def ordinal(index: int) -> str:
    """The word for a position.

    >>> ordinal(0), ordinal(3), ordinal(11), ordinal(20), ordinal(21)
    ('first', 'fourth', '12th', '21st', '22nd')
    """
    if index < len(_ORDINALS):
        return _ORDINALS[index]
    number = index + 1
    suffixes = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number // 10 % 10 == 1 else suffixes.get(number % 10, 'th')}"


@dataclass(frozen=True, slots=True)
class Blame:
    """What is at fault: a cause, and the operation.

    ``operations`` is empty where the engine as a whole is to blame, and names the candidates where
    it is not certain which of them is. ``operands`` are the numbers of those whose local partials
    are wrong, ``positions`` the nodes of the case that are concerned, and ``error`` is the class of
    an error that was raised, or the name of a signal.
    """

    cause: Cause
    operations: tuple[Operation, ...] = ()
    operands: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    error: str = ""

    @property
    def is_certain(self) -> bool:
        """Whether there is one candidate only."""
        return len(self.operations) <= 1

    @property
    def sentence(self) -> str:
        """Who is at fault, and why."""
        names = " or ".join(operation.name for operation in self.operations)
        who = names or "the engine as a whole"
        doubt = "" if self.is_certain else " (not certain which)"
        return f"{who}{doubt}: {self._reason}"

    @property
    def _reason(self) -> str:
        if self.error:
            reason = "it ends its process" if ends_process(self.error) else self.cause.reason
            return f"{reason}, {self.error}"
        if self.cause is Cause.WRONG_PARTIAL and self.operands and self.is_certain:
            which = " and ".join(map(ordinal, self.operands))
            return f"{self.cause.reason}, by its {which} operand"
        return self.cause.reason

    @property
    def signature(self) -> str:
        """What makes two failures the same bug, as it may stand in a file name."""
        parts = [self.cause.value, self.error]
        if self.operations:
            parts += ["of", "-or-".join(sorted(operation.word for operation in self.operations))]
        return "-".join(filter(None, parts))

    def explains(self, other: Blame) -> bool:
        """Whether the bug that is blamed here may be what is blamed, less certainly, there."""
        if self.signature == other.signature:
            return True
        if not self.is_certain or (other.is_certain and other.cause is not Cause.UNCLEAR):
            return False
        if other.cause is not self.cause and not (
            other.cause is Cause.UNCLEAR and self.operations and self.cause in _OF_A_GRADIENT
        ):
            return False
        return self.error == other.error and set(self.operations) <= set(other.operations)
