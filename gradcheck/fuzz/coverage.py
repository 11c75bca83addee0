"""The features of a case: the coverage of a run is the set of all features seen."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from gradcheck.expression import Apply, Expression, Node
from gradcheck.verdict import Verdict

_EXPRESSIONS_KEPT = 16

_DECADES = 10
"""Powers of ten that count as one magnitude."""


def features_of_expression(expression: Expression) -> Iterator[str]:
    """Yield which operation feeds which, how often a node is shared, and the depth.

    >>> from gradcheck import parse
    >>> sorted(set(features_of_expression(parse("tanh(a*a + a)"))))
    ['depth 3', 'pair * in +', 'pair + in tanh', 'shared 3']
    """
    uses = [0] * len(expression.nodes)
    for node in expression.nodes:
        if not isinstance(node, Apply):
            continue
        for operand in node.operands:
            uses[operand] += 1
            inner = expression.nodes[operand]
            if isinstance(inner, Apply):
                yield f"pair {inner.operation.name} in {node.operation.name}"
    yield f"shared {max(uses)}"
    yield f"depth {expression.depth}"


def features_of_verdict(verdict: Verdict) -> list[str]:
    """Return the kind of the verdict, and the magnitudes of the operands that the engine shows."""
    kind = f"verdict {verdict.kind.value}"
    readings, constants = verdict.run.readings, verdict.case.expression.constants
    if not readings:
        return [kind]
    numbers = [reading.value for reading in readings]
    for position, value in constants.items():
        numbers[position] = value
    uses = _uses(verdict.case.expression)
    shown = ((numbers[position], use) for position, use in uses)
    return [kind, *(f"magnitude {_magnitude(x)} {use}" for x, use in shown if x is not None)]


@lru_cache(maxsize=_EXPRESSIONS_KEPT)
def _uses(expression: Expression) -> tuple[tuple[int, str], ...]:
    """Return the position of every operand, and which operation feeds which there, in words."""
    nodes = expression.nodes
    return tuple(
        (operand, f"of {_source(nodes[operand])} in {node.operation.name}")
        for node in nodes
        if isinstance(node, Apply)
        for operand in node.operands
    )


def _source(node: Node) -> str:
    return node.operation.name if isinstance(node, Apply) else "no operation"


def _magnitude(number: float) -> str:
    if number == 0.0 or not math.isfinite(number):
        return str(number)
    return _power_of_ten(math.floor(math.log10(abs(number))) // _DECADES, number < 0.0)


@cache
def _power_of_ten(magnitude: int, is_negative: bool) -> str:  # noqa: FBT001 - a cache's key
    return f"{'-' if is_negative else ''}1e{magnitude * _DECADES}"


def counts_by_kind(features: Iterable[str]) -> str:
    """Return how many features there are of each kind; the first word of a feature is its kind.

    >>> counts_by_kind(["pair * in +", "depth 3", "depth 4"])
    '2 depth, 1 pair'
    """
    counts = Counter(feature.partition(" ")[0] for feature in features)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
