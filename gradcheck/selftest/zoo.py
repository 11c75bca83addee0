"""The planted bugs: broken engines, each with the right blame."""

from __future__ import annotations

import fnmatch
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, cast

from gradcheck.blame.cause import Blame, Cause
from gradcheck.engines.objects import ObjectEngine
from gradcheck.expression import Apply, Case, Expression, Input
from gradcheck.formula import parse

ZOO = "gradcheck.engine.broken"
"""The module with the broken engines, which is loaded like any engine."""

SECONDS_TO_HANG = 0.1
"""Time limit for one run: a broken engine answers within microseconds or never."""


class _Entry(Protocol):
    """A planted bug as the zoo describes it; see ``gradcheck.engine.broken``."""

    name: str
    family: str
    engine: Callable[[float], object]
    wrong: str
    cause: str
    operation: str | None
    operands: tuple[int, ...]
    smallest: str
    at: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PlantedBug:
    """A broken engine, the right blame, and the smallest known case."""

    name: str
    family: str
    wrong: str
    engine: ObjectEngine
    cause: Cause
    operation: str | None
    operands: tuple[int, ...]
    smallest: Case

    @property
    def smallest_size(self) -> int:
        """The number of operations in the smallest known case."""
        return self.smallest.expression.size

    def is_blamed_by(self, blame: Blame | None) -> bool:
        """Tell whether a blame has the right cause, and names the right operation and no other."""
        expected = [] if self.operation is None else [self.operation]
        return (
            blame is not None
            and blame.cause is self.cause
            and [operation.name for operation in blame.operations] == expected
            and blame.operands == self.operands
        )


def planted_bugs(pattern: str = "*") -> list[PlantedBug]:
    """Return the bugs whose name matches a pattern such as ``*tanh*``."""
    entries = cast("Mapping[str, _Entry]", importlib.import_module(ZOO).BUGS)
    return [_planted(bug) for bug in entries.values() if fnmatch.fnmatch(bug.name, pattern)]


def _planted(bug: _Entry) -> PlantedBug:
    return PlantedBug(
        name=bug.name,
        family=bug.family,
        wrong=bug.wrong,
        engine=ObjectEngine(f"{ZOO}:{bug.name}", bug.engine, seconds=SECONDS_TO_HANG),
        cause=Cause(bug.cause),
        operation=bug.operation,
        operands=bug.operands,
        smallest=_case(bug.smallest, bug.at),
    )


def _case(formula: str, at: Mapping[str, float]) -> Case:
    """Return a formula at a point, which may have inputs that the formula does not use."""
    expression = parse(formula)
    unused = [name for name in at if name not in expression.inputs]
    used = len(expression.inputs)
    nodes = [
        Apply(node.operation, tuple(i + len(unused) * (i >= used) for i in node.operands))
        if isinstance(node, Apply)
        else node
        for node in expression.nodes
    ]
    nodes[used:used] = map(Input, unused)
    output = expression.output + len(unused) * (expression.output >= used)
    expression = Expression(tuple(nodes), output)
    return Case(expression, tuple(at[name] for name in expression.inputs))
