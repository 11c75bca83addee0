"""What a run is asked to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.engines.protocol import Engine
from gradcheck.operations import Operation

EXPRESSIONS_PER_ROUND = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a run is asked to do.

    It ends after ``seconds``, after ``examples`` expressions, after the last of its ``rounds``, or
    when nothing new was seen for ``until_stale`` seconds, whichever comes first and is given; with
    ``fail_fast`` at the first finding. ``output`` is the folder that all is kept in. ``rounds`` are
    the number of the first one and of the one after the last. With ``life`` the checks of life
    beyond one backward pass come first. ``limits`` are those of the engine.
    """

    operations: tuple[Operation, ...]
    max_ops: int
    seed: int
    seconds: float | None
    examples: int | None
    output: Path
    fail_fast: bool
    rounds: tuple[int, int] | None = None
    until_stale: float | None = None
    life: bool = False
    limits: EngineLimits = field(default_factory=EngineLimits)

    def operations_of(self, engine: Engine) -> tuple[Operation, ...]:
        """The operations that an engine has, of those asked for."""
        return tuple(o for o in self.operations if o in engine.operations)

    def numbers(self, first: int = 0) -> Iterator[int]:
        """The numbers of the rounds, from a first one on."""
        begin, end = self.rounds or (0, None)
        if self.examples is not None:
            end = -(-self.examples // EXPRESSIONS_PER_ROUND)
        first = max(begin, first)
        return count(first) if end is None else iter(range(first, end))

    def expressions_of(self, number: int) -> int:
        """How many expressions a round has: the last one those that are left."""
        if self.examples is None:
            return EXPRESSIONS_PER_ROUND
        return min(EXPRESSIONS_PER_ROUND, self.examples - number * EXPRESSIONS_PER_ROUND)
