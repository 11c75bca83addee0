"""A smaller case of the same bug, by taking things away that it does not need."""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Iterator, Mapping

from gradcheck.comparison import Comparison
from gradcheck.expression import Apply, Case, Expression, Input, Node
from gradcheck.rewriting import up_to, with_own_input
from gradcheck.verdict import Verdict

_SIMPLE_NUMBERS = (0.0, 1.0, 2.0, -1.0, 3.0, -2.0, 0.5, 4.0, 5.0, 10.0)


def reduced(
    verdict: Verdict, judge: Callable[[Case], Verdict], *, signature: str | None
) -> Verdict:
    """The verdict on a case with fewer operations, fewer inputs and simpler numbers.

    One thing is taken away after the other, as long as the bug still shows with that signature:
    what comes after a node, what leads to a node, an operation whose operand does in its place, an
    input that nothing uses, the digits of a number.

    With ``None`` it is any bug, and every node keeps its number, as at others a bug may show that
    has no part in this one. A case with steps is the smallest already.
    """
    while True:
        for case in _simpler(verdict, other_numbers=signature is not None):
            other = judge(case)
            if other.kind.is_finding and signature in (None, other.signature):
                verdict = other
                break
        else:
            return verdict


def _simpler(verdict: Verdict, *, other_numbers: bool) -> Iterator[Case]:
    """The cases that are a step simpler, those with the fewest operations first."""
    case = verdict.case
    if case.steps:
        return
    inner = [
        i
        for i, node in enumerate(case.expression.nodes)
        if isinstance(node, Apply) and i != case.expression.output
    ]
    inputs = range(len(case.point))
    smaller = [up_to(case, i) for i in (*inputs, *inner)] + [_cut_at(verdict, i) for i in inner]
    if other_numbers:
        smaller += [other for i in inner for other in _without_operation(case, i)]
    for other in sorted(smaller, key=lambda other: other.expression.size):
        if other.expression.size < case.expression.size:
            yield _renamed(other)
    for i, is_used in enumerate(case.expression.used[: len(case.point)]):
        if not is_used and len(case.point) > 1:
            yield _without_input(case, i)
    if other_numbers:
        yield from _with_simpler_numbers(case)


def _with_simpler_numbers(case: Case) -> Iterator[Case]:
    for i, number in enumerate(case.point):
        simple = [*_SIMPLE_NUMBERS, float(round(number))]
        for simpler in simple[: simple.index(number)] if number in simple else simple:
            yield Case(case.expression, (*case.point[:i], simpler, *case.point[i + 1 :]))


def _cut_at(verdict: Verdict, position: int) -> Case:
    """The case with an input in place of a node, at the node's value."""
    uses = [
        (i, index)
        for i, node in enumerate(verdict.case.expression.nodes)
        if isinstance(node, Apply)
        for index, operand in enumerate(node.operands)
        if operand == position
    ]
    value = Comparison(None, verdict.certificate.values[position]).true
    return with_own_input(verdict.case, uses, value if math.isfinite(value) else 0.0)


def _without_operation(case: Case, position: int) -> Iterator[Case]:
    """The case with one of its operands in place of an operation: each that is no constant."""
    node = case.expression.nodes[position]
    operands = set(node.operands) if isinstance(node, Apply) else set()
    for operand in sorted(operands - case.expression.constants.keys()):
        nodes = _with_operands(case.expression, {position: operand})
        yield Case(Expression(nodes, case.expression.output).pruned(), case.point)


def _without_input(case: Case, index: int) -> Case:
    after = range(index + 1, len(case.expression.nodes))
    moved = {position: position - 1 for position in after}
    nodes = _with_operands(case.expression, moved)
    output = moved.get(case.expression.output, case.expression.output)
    point = (*case.point[:index], *case.point[index + 1 :])
    return _renamed(Case(Expression((*nodes[:index], *nodes[index + 1 :]), output), point))


def _with_operands(expression: Expression, moved: Mapping[int, int]) -> tuple[Node, ...]:
    """The nodes, where operations have other operands in place of some."""
    return tuple(
        Apply(node.operation, tuple(moved.get(operand, operand) for operand in node.operands))
        if isinstance(node, Apply)
        else node
        for node in expression.nodes
    )


def _renamed(case: Case) -> Case:
    """The case with inputs called a, b, c, as far as there are letters."""
    if len(case.point) > len(string.ascii_lowercase):
        return case
    names = iter(string.ascii_lowercase)
    nodes = [
        Input(next(names)) if isinstance(node, Input) else node for node in case.expression.nodes
    ]
    return Case(Expression(tuple(nodes), case.expression.output), case.point)
