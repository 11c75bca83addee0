"""The options of a long run, and the rounds that follow from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
from gradcheck.engines.isolation.isolated_engine import EngineLimits
from gradcheck.engines.protocol import Engine
from gradcheck.kind import Kind
from gradcheck.operations import ALL, GROUPS, OPERATIONS, operations_named
from gradcheck.operations.operation import Operation, with_arities

EXPRESSIONS_PER_ROUND = 50


def requested_array_operations(names: str, engine: AnyEngine) -> tuple[str, ...]:
    """Return the array operations of a list of names; with the word ``all``, all of the engine's.

    An engine of numbers has none.

    A group of the table of operations, such as ``elementary``, stands for its operations on every
    element. Raises ``UnknownOperationError`` for a name that neither table has.
    """
    if not isinstance(engine, ArrayEngine):
        return ()
    from gradcheck.arrays.operations import ARRAY_OPERATIONS  # noqa: PLC0415 - needs NumPy

    words = names.split()
    if ALL in words:
        return tuple(name for name in ARRAY_OPERATIONS if name in engine.array_operations)
    of_arrays = [word for word in words if word in ARRAY_OPERATIONS and word not in GROUPS]
    others = " ".join(word for word in words if word not in of_arrays)
    elementwise = [operation.name for operation in operations_named(others)] if others else []
    asked = dict.fromkeys((*of_arrays, *elementwise))
    return tuple(name for name in asked if name in engine.array_operations)


def requested_operations(names: str, engine: AnyEngine) -> tuple[Operation, ...]:
    """Return the operations of a list such as ``"+ * tanh"``; none for an engine of arrays.

    With the word ``all`` in it, they are those that the engine has. Raises
    ``UnknownOperationError``.
    """
    if isinstance(engine, ArrayEngine):
        return ()
    named = operations_named(names)
    if ALL not in names.split():
        return named
    return tuple(operation for operation in named if _has(engine, operation))


def _has(engine: Engine, operation: Operation) -> bool:
    return any(each in engine.operations for each in with_arities(operation))


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a long run, as ``gradcheck fuzz`` takes them.

    The run ends after ``seconds``, after ``examples`` expressions, after the last of its
    ``rounds``, or after ``until_stale`` seconds without new coverage or findings, whichever comes
    first; ``None`` is no limit. With ``fail_fast`` it ends at the first finding. ``rounds`` are the
    first round and the one after the last. With ``life`` the lifecycle of the engine is checked
    first. An engine of arrays has its ``array_operations`` in place of ``operations``.
    ``fail_on`` are kinds that count as findings although they prove no fault. ``output`` is
    the folder of the run, and ``limits`` are those of one engine run.
    """

    operations: tuple[Operation, ...]
    seed: int
    output: Path
    max_ops: int = 10
    seconds: float | None = None
    examples: int | None = None
    fail_fast: bool = False
    rounds: tuple[int, int] | None = None
    until_stale: float | None = None
    life: bool = False
    fail_on: tuple[Kind, ...] = ()
    limits: EngineLimits = field(default_factory=EngineLimits)
    array_operations: tuple[str, ...] = ()

    @property
    def elementwise(self) -> frozenset[Operation]:
        """The requested operations of the table of numbers, on arrays those on every element."""
        on_arrays = [OPERATIONS[name] for name in self.array_operations if name in OPERATIONS]
        return frozenset(on_arrays if self.array_operations else self.operations)

    def operations_of(self, engine: Engine) -> tuple[Operation, ...]:
        """Return the requested operations that an engine has, on each number of operands."""
        wanted = (each for operation in self.operations for each in with_arities(operation))
        return tuple(operation for operation in wanted if operation in engine.operations)

    def round_numbers(self, first: int = 0) -> Iterator[int]:
        """Yield the numbers of the rounds, from ``first`` on."""
        begin, end = self.rounds or (0, None)
        if self.examples is not None:
            end = -(-self.examples // EXPRESSIONS_PER_ROUND)
        first = max(begin, first)
        return count(first) if end is None else iter(range(first, end))

    def expressions_in_round(self, number: int) -> int:
        """Return the number of expressions in a round; the last round may have fewer."""
        if self.examples is None:
            return EXPRESSIONS_PER_ROUND
        return min(EXPRESSIONS_PER_ROUND, self.examples - number * EXPRESSIONS_PER_ROUND)
