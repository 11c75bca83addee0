"""The cause of a failure, and the operation that is blamed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gradcheck.engines.faults import ends_process


class Named(Protocol):
    """An operation, as far as blame needs it: on numbers, or on arrays."""

    @property
    def name(self) -> str:
        """The name in the table."""

    @property
    def word(self) -> str:
        """A name that is allowed in file names."""


class Cause(StrEnum):
    """A cause of wrong numbers."""

    CRASH = "crash"
    HANG = "hang"
    MEMORY = "memory"
    NONDETERMINISTIC = "nondeterministic"
    MUTATED_INPUT = "mutated-input"
    WRONG_VALUE = "wrong-value"
    NON_FINITE_VALUE = "non-finite-value"
    NONZERO_START = "nonzero-start"
    WRONG_SEED = "wrong-seed"
    WRONG_PARTIAL = "wrong-partial"
    NON_FINITE_PARTIAL = "non-finite-partial"
    MISSING_GRADIENT = "missing-gradient"
    FORGOTTEN_UPSTREAM = "forgotten-upstream"
    LOST_CONTRIBUTION = "lost-contribution"
    NOT_SUMMED = "not-summed"
    OVERWRITTEN_INDEX = "overwritten-index"
    WRONG_SHAPE = "wrong-shape"
    SHARED_BUFFER = "shared-buffer"
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
    Cause.HANG: "it does not end",
    Cause.MEMORY: "it exceeds the memory limit",
    Cause.NONDETERMINISTIC: "its numbers change from run to run",
    Cause.MUTATED_INPUT: "an input is changed",
    Cause.WRONG_VALUE: "the value is wrong",
    Cause.NON_FINITE_VALUE: "the value is NaN or infinite, and only for some numbers",
    Cause.NONZERO_START: "gradients do not start at zero",
    Cause.WRONG_SEED: "the backward pass does not start with 1 at the output and 0 elsewhere",
    Cause.WRONG_PARTIAL: "its derivative is wrong",
    Cause.NON_FINITE_PARTIAL: "its derivative is NaN or infinite, and only for some numbers",
    Cause.MISSING_GRADIENT: "an operand gets no gradient",
    Cause.FORGOTTEN_UPSTREAM: "its derivative is not multiplied by out.grad",
    Cause.LOST_CONTRIBUTION: "a contribution is lost",
    Cause.NOT_SUMMED: "the contributions of a broadcast axis are not summed",
    Cause.OVERWRITTEN_INDEX: "an index that occurs twice is written over, not added to",
    Cause.WRONG_SHAPE: "its gradient does not have the shape of its operand",
    Cause.SHARED_BUFFER: "two gradients share one buffer, so that adding to one changes the other",
    Cause.WRONG_ORDER: "a gradient is passed on before it is complete, or more than once",
    Cause.WRONG_AT_DEPTH: "graphs of this depth go wrong, whatever the operations",
    Cause.MERGED_NODES: "nodes with equal values are treated as one node",
    Cause.EARLIER_GRAPH: "an earlier graph on the same inputs changes the result",
    Cause.SECOND_BACKWARD: "a second backward pass over the same graph goes wrong",
    Cause.ZERO_GRAD: "zero_grad does not clear what it should",
    Cause.USED_INPUTS: "a new graph goes wrong on inputs that already have gradients",
    Cause.SHARED_OUTPUTS: "the second of two outputs that share a graph goes wrong",
    Cause.INNER_FIRST: "a backward pass goes wrong after one from an inner node",
    Cause.UNCHANGED: "a backward pass changes values",
    Cause.SAME_BITS: "the same computation gives different numbers when repeated",
    Cause.UNCLEAR: "each operation is correct alone, but not in this graph",
}

_OF_A_GRADIENT = (
    Cause.WRONG_PARTIAL,
    Cause.NON_FINITE_PARTIAL,
    Cause.MISSING_GRADIENT,
    Cause.FORGOTTEN_UPSTREAM,
    Cause.LOST_CONTRIBUTION,
    Cause.NOT_SUMMED,
    Cause.OVERWRITTEN_INDEX,
    Cause.WRONG_SHAPE,
)
"""The causes of a wrong gradient that lie in one operation."""

_OF_AN_OPERAND = (Cause.WRONG_PARTIAL, Cause.NON_FINITE_PARTIAL)
"""The causes that lie in the local partials with respect to certain operands."""

_ORDINALS = ("first", "second", "third", "fourth", "fifth")


def ordinal(index: int) -> str:
    """Return the word for a position.

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
    """The cause of a wrong number, and the operation at fault.

    ``operations`` is empty where the engine as a whole is at fault, and has several candidates
    where it is not certain which one is. ``operands`` are the indices of the operands with wrong
    local partials. ``positions`` are the nodes of the case that are affected. ``error`` is the
    class of an error that was raised, or the name of a signal. ``detail`` says of this case what is
    wrong, where that is more than the cause says.
    """

    cause: Cause
    operations: tuple[Named, ...] = ()
    operands: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    error: str = ""
    detail: str = ""

    @property
    def is_certain(self) -> bool:
        """Whether at most one operation is a candidate."""
        return len(self.operations) <= 1

    @property
    def sentence(self) -> str:
        """The operation at fault and the cause, in words."""
        names = " or ".join(operation.name for operation in self.operations)
        culprit = names or "the engine as a whole"
        doubt = "" if self.is_certain else " (not certain which)"
        return f"{culprit}{doubt}: {self.detail or self._reason}"

    @property
    def _reason(self) -> str:
        if self.error:
            reason = "it ends its process" if ends_process(self.error) else self.cause.reason
            return f"{reason}, {self.error}"
        if self.cause is Cause.MUTATED_INPUT and self.operations:
            return "it overwrites the value of its operand, which has to stay as it was"
        if self.cause in _OF_AN_OPERAND and self.operands and self.is_certain:
            which = " and ".join(map(ordinal, self.operands))
            return f"{self.cause.reason}, with respect to its {which} operand"
        return self.cause.reason

    @property
    def signature(self) -> str:
        """Cause and operation, in a form for file names; the same for two failures of one bug."""
        parts = [self.cause.value, self.error]
        if self.operations:
            parts += ["of", "-or-".join(sorted(operation.word for operation in self.operations))]
        return "-".join(filter(None, parts))

    def explains(self, other: Blame) -> bool:
        """Tell whether this blame may be the whole cause of another, less certain one."""
        if self.signature == other.signature:
            return True
        if not self.is_certain or (other.is_certain and other.cause is not Cause.UNCLEAR):
            return False
        if other.cause is not self.cause and not (
            other.cause is Cause.UNCLEAR and self.operations and self.cause in _OF_A_GRADIENT
        ):
            return False
        return self.error == other.error and set(self.operations) <= set(other.operations)
