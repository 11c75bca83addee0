"""The features of a case: the coverage of a run is the set of all features seen."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator

from gradcheck.expression import Apply, Constant, Expression
from gradcheck.verdict import Verdict

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


def features_of_verdict(verdict: Verdict) -> Iterator[str]:
    """Yield the kind of the verdict, and the magnitudes of the operands that the engine shows."""
    nodes = verdict.case.expression.nodes
    numbers = [reading.value for reading in verdict.run.readings]
    for node in nodes[: len(numbers)]:
        if not isinstance(node, Apply):
            continue
        for operand in node.operands:
            inner = nodes[operand]
            number = inner.value if isinstance(inner, Constant) else numbers[operand]
            if number is not None:
                source = inner.operation.name if isinstance(inner, Apply) else "no operation"
                yield f"magnitude {_magnitude(number)} of {source} in {node.operation.name}"
    yield f"verdict {verdict.kind.value}"


def _magnitude(number: float) -> str:
    if number == 0.0 or not math.isfinite(number):
        return str(number)
    decade = math.floor(math.log10(abs(number))) // _DECADES * _DECADES
    return f"{'-' if number < 0.0 else ''}1e{decade}"


def counts_by_kind(features: Iterable[str]) -> str:
    """Return how many features there are of each kind; the first word of a feature is its kind.

    >>> counts_by_kind(["pair * in +", "depth 3", "depth 4"])
    '2 depth, 1 pair'
    """
    counts = Counter(feature.partition(" ")[0] for feature in features)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
