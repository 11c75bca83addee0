"""The depth limit of an engine: the longest chain of operations before its recursion ends it."""

from __future__ import annotations

import time
from collections.abc import Callable

from gradcheck.engines.protocol import Engine
from gradcheck.expression import Apply, Case, Constant, Expression, Input, Node
from gradcheck.number_verdict import SHALLOW
from gradcheck.operations import OPERATIONS, Operation

LONGEST_CHAIN = 2000
"""Operations of the chain that an engine is tried on: twice Python's usual recursion limit."""

_SECONDS_OF_A_SHALLOW_CHAIN = 0.25
"""An engine that takes longer has no time for the longest chain, which is twenty times as long."""


def too_deep(engine: Engine, *, heartbeat: Callable[[], None]) -> Case | None:
    """Return the shortest chain that reaches the recursion limit, ``None`` if the longest does not.

    An engine that recurses over its graph, as most small ones do, has such a limit. One that fails
    in a shallow graph too has no limit but a bug, which the rounds will show. A slow engine is not
    tried on long chains. ``heartbeat`` is called before every chain.
    """

    def is_too_deep(length: int) -> bool:
        heartbeat()
        fault = engine.run(chain(operation, length)).fault
        return fault is not None and fault.is_recursion

    operation = next(o for o in OPERATIONS.values() if o in engine.operations)
    works, fails = SHALLOW, LONGEST_CHAIN
    began = time.monotonic()
    if is_too_deep(works) or time.monotonic() - began > _SECONDS_OF_A_SHALLOW_CHAIN:
        return None
    if not is_too_deep(fails):
        return None
    while fails - works > 1:
        middle = (works + fails) // 2
        if is_too_deep(middle):
            fails = middle
        else:
            works = middle
    return chain(operation, fails)


def chain(operation: Operation, length: int) -> Case:
    """Return a chain of one operation, on one input and constants.

    >>> from gradcheck.formula import write
    >>> write(chain(OPERATIONS["+"], 3).expression)
    'x0 + 0.5 + 0.5 + 0.5'
    """
    others = range(1, operation.arity)
    nodes: list[Node] = [Input("x0"), *(Constant(0.5) for _ in others)]
    last = 0
    for _ in range(length):
        nodes.append(Apply(operation, (last, *others)))
        last = len(nodes) - 1
    return Case(Expression(tuple(nodes)), (0.5,))
