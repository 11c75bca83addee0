"""Find the smallest case of a bug."""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from gradcheck.blame.cause import Cause
from gradcheck.checking import check, check_repeatedly
from gradcheck.comparison import Comparison
from gradcheck.engines.arrays.protocol import AnyEngine, ArrayEngine
from gradcheck.engines.isolation.isolated_engine import IsolatedEngine
from gradcheck.engines.protocol import Engine
from gradcheck.expression import Apply, Case, Expression, Input, Node
from gradcheck.generation.expressions import Drawn
from gradcheck.generation.stream import random_expressions
from gradcheck.kind import Kind
from gradcheck.nondeterminism import RUNS
from gradcheck.operations import Operation
from gradcheck.oracles.certificate import require_agreement
from gradcheck.rewriting import up_to, with_own_input
from gradcheck.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck.checking import AnyVerdict

Judge = Callable[[Case], Verdict]

COSTLY = frozenset({Kind.HANG, Kind.MEMORY})
"""The kinds of bugs whose cases take seconds to run."""

_SIMPLE_NUMBERS = (0.0, 1.0, 2.0, -1.0, 3.0, -2.0, 0.5, 4.0, 5.0, 10.0)

_SMALLER_EXPRESSIONS = 200
_EXPRESSIONS_OF_THE_SAME_SIZE = 1000
"""The most expressions that are tried: the search ends at the first that shows the bug."""


def shrink_any(
    bug: AnyVerdict,
    engine: AnyEngine,
    operations_of: Callable[[Engine], Sequence[Operation]],
    *,
    heartbeat: Callable[[], None] = lambda: None,
) -> AnyVerdict:
    """Return the verdict on the smallest case that shows a bug, of numbers or of arrays.

    ``operations_of`` gives the operations for ``shrink``; it is not called for arrays.
    """
    if not isinstance(bug, Verdict):
        from gradcheck.array_checks.checking import shrink_verdict  # noqa: PLC0415 - needs NumPy

        assert isinstance(engine, ArrayEngine)
        return shrink_verdict(bug, engine, heartbeat=heartbeat)
    assert not isinstance(engine, ArrayEngine)
    return shrink(bug, engine, operations_of(engine), heartbeat=heartbeat)


def shrink(
    bug: Verdict,
    engine: Engine,
    operations: Sequence[Operation],
    *,
    heartbeat: Callable[[], None] = lambda: None,
) -> Verdict:
    """Return the verdict on the smallest case with the same signature that can be found.

    Where the cause is unclear, a part of the case that shows any bug may show the cause too.
    Reducing the case in single steps can end at a case that is not the smallest. So random
    expressions of these operations are searched for the bug too: smaller ones, and finally some of
    the same size. That last search is the same wherever the bug was found, and so is its result.
    There is no search if a case takes seconds or a process of its own, nor if the numbers change
    from run to run, so that each case has to be judged several times. A case with steps is one of
    the standard ones, which are small already.

    ``heartbeat`` is called before every case. Raises ``OracleDisagreementError`` if the two
    symbolic routes contradict each other: no engine is accused on the evidence of one route alone.
    """
    is_nondeterministic = bug.signature == Cause.NONDETERMINISTIC

    def judge(case: Case) -> Verdict:
        heartbeat()
        if is_nondeterministic:
            return check_repeatedly(case, engine, times=RUNS, fail_on=bug.fail_on)
        return check(case, engine, whole_formula=False, fail_on=bug.fail_on)

    if bug.case.steps:
        return bug
    if bug.blame is not None and bug.blame.cause is Cause.UNCLEAR:
        bug = reduced(bug, judge, signature=None)
    bug = reduced(bug, judge, signature=bug.signature)
    is_costly = bug.kind in COSTLY or isinstance(engine, IsolatedEngine)
    if not (is_costly or is_nondeterministic):
        draw = partial(random_expressions, operations, precision=engine.precision)
        search = partial(_search, draw=draw, judge=judge)
        while (smaller := search(bug, _size(bug) - 1, count=_SMALLER_EXPRESSIONS)) is not None:
            bug = smaller
        bug = search(bug, _size(bug), count=_EXPRESSIONS_OF_THE_SAME_SIZE) or bug
    require_agreement(bug.case, bug.certificate)
    return bug


def _size(verdict: Verdict) -> int:
    return verdict.case.expression.size


def _search(
    bug: Verdict, max_ops: int, *, count: int, draw: Callable[..., Iterator[Drawn]], judge: Judge
) -> Verdict | None:
    """Return the bug in the first random expression that shows it, reduced, or ``None``."""
    if max_ops < 1:
        return None
    for expression, points in islice(draw(max_ops=max_ops, seed=bug.signature), count):
        for point in points:
            verdict = judge(Case(expression, point))
            if verdict.is_finding and verdict.signature == bug.signature:
                return reduced(verdict, judge, signature=bug.signature)
    return None


def reduced(verdict: Verdict, judge: Judge, *, signature: str | None) -> Verdict:
    """Return the verdict on a case with fewer operations, fewer inputs and simpler numbers.

    One thing is removed at a time, as long as the bug still shows with that signature: the nodes
    after a node, the nodes before a node, an operation that one of its operands can replace, an
    unused input, the digits of a number.

    If the signature is ``None``, any bug will do. Every node then keeps its number, because other
    numbers may show another bug. A case with steps is returned as it is.
    """
    while True:
        for case in _simpler(verdict, other_numbers=signature is not None):
            other = judge(case)
            if other.is_finding and signature in (None, other.signature):
                verdict = other
                break
        else:
            return verdict


def _simpler(verdict: Verdict, *, other_numbers: bool) -> Iterator[Case]:
    """Yield the cases that are one step simpler, those with the fewest operations first."""
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
    """Return the case with an input in place of a node, at the node's value."""
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
    """Yield the case with an operand in place of an operation, for each that is no constant."""
    node = case.expression.nodes[position]
    operands = set(node.operands) if isinstance(node, Apply) else set()
    for operand in sorted(operands - case.expression.constants.keys()):
        nodes = _with_operands(case.expression, {position: operand})
        yield Case(Expression(nodes, case.expression.output).pruned(), case.point)


def _without_input(case: Case, index: int) -> Case:
    """Return the case without an input that is unused."""
    after = range(index + 1, len(case.expression.nodes))
    moved = {position: position - 1 for position in after}
    nodes = _with_operands(case.expression, moved)
    output = moved.get(case.expression.output, case.expression.output)
    point = (*case.point[:index], *case.point[index + 1 :])
    return _renamed(Case(Expression((*nodes[:index], *nodes[index + 1 :]), output), point))


def _with_operands(expression: Expression, moved: Mapping[int, int]) -> tuple[Node, ...]:
    """Return the nodes, with the operands that ``moved`` gives in place of its keys."""
    return tuple(
        Apply(node.operation, tuple(moved.get(operand, operand) for operand in node.operands))
        if isinstance(node, Apply)
        else node
        for node in expression.nodes
    )


def _renamed(case: Case) -> Case:
    """Return the case with its inputs named a, b, c, …, if there are enough letters."""
    if len(case.point) > len(string.ascii_lowercase):
        return case
    names = iter(string.ascii_lowercase)
    nodes = [
        Input(next(names)) if isinstance(node, Input) else node for node in case.expression.nodes
    ]
    return Case(Expression(tuple(nodes), case.expression.output), case.point)
